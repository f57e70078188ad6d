-- The kinds of builds that wait, and the best of each; see Note [The best build].
CREATE INDEX build_queue_kind
  ON build_queue (architecture, virtualized, arch_series, archive, pocket, resources,
                  score DESC, id)
  WHERE builder IS NULL;
