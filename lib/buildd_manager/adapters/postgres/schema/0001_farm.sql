-- The farm: what is to be built, by whom, and what became of it.
--
-- States are the words of the enumerations in domain/. Every change of an attempt
-- names the state that it starts from; the two partial unique indexes on attempt
-- make it a fact that no build runs twice at once and no builder has two jobs.

-- The role that the running manager uses: it owns nothing, and can alter nothing.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fiera') THEN
    CREATE ROLE fiera NOLOGIN;
  END IF;
  IF NOT pg_has_role(current_user, 'fiera', 'MEMBER') THEN
    EXECUTE format('GRANT fiera TO %I', current_user);
  END IF;
END $$;

CREATE TABLE library_file_content (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  sha1 text NOT NULL CHECK (sha1 ~ '^[0-9a-f]{40}$'),
  size bigint NOT NULL CHECK (size >= 0),
  date_created timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE library_file_alias (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  content text NOT NULL REFERENCES library_file_content,
  filename text NOT NULL CHECK (filename !~ '/'),
  mimetype text NOT NULL,
  restricted boolean NOT NULL DEFAULT false,
  date_created timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX library_file_alias_content ON library_file_alias (content);

-- Where packages are published, and from where builds get what they need.
CREATE TABLE archive (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  purpose text NOT NULL CHECK (purpose IN ('primary', 'ppa', 'partner', 'copy')),
  distribution text NOT NULL,
  url text,
  private boolean NOT NULL DEFAULT false,
  enabled boolean NOT NULL DEFAULT true,
  require_virtualized boolean NOT NULL DEFAULT false,
  build_security boolean NOT NULL DEFAULT false,
  build_obsolete boolean NOT NULL DEFAULT false,
  relative_score int NOT NULL DEFAULT 0,
  build_debug_symbols boolean NOT NULL DEFAULT false,
  external_lines text[] NOT NULL DEFAULT '{}',
  secret text,
  signing_key text,
  CHECK (NOT private OR secret IS NOT NULL)
);
CREATE UNIQUE INDEX one_primary_archive ON archive (distribution)
  WHERE purpose = 'primary';

CREATE TABLE archive_dependency (
  archive int NOT NULL REFERENCES archive,
  position int NOT NULL,
  dependency int NOT NULL REFERENCES archive,
  pocket text NOT NULL DEFAULT 'release'
    CHECK (pocket IN ('release', 'security', 'updates', 'proposed', 'backports')),
  component text,
  PRIMARY KEY (archive, position),
  UNIQUE (archive, dependency),
  CHECK (archive <> dependency)
);

CREATE TABLE series (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  distribution text NOT NULL,
  status text NOT NULL DEFAULT 'development' CHECK (status IN (
    'experimental', 'development', 'frozen', 'current', 'supported', 'obsolete',
    'future')),
  component text NOT NULL,
  components text[] NOT NULL,
  strict_components boolean NOT NULL DEFAULT true,
  nominated_architecture text,
  archive_lines text[]
);

CREATE TABLE arch_series (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series int NOT NULL REFERENCES series,
  architecture text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  supports_virtualized boolean NOT NULL DEFAULT true,
  supports_nonvirtualized boolean NOT NULL DEFAULT true,
  wall double precision CHECK (wall > 0),
  silence double precision CHECK (silence > 0),
  UNIQUE (series, architecture)
);

CREATE TABLE pocket_chroot (
  arch_series int NOT NULL REFERENCES arch_series,
  pocket text NOT NULL DEFAULT 'release'
    CHECK (pocket IN ('release', 'security', 'updates', 'proposed', 'backports')),
  image_type text NOT NULL DEFAULT 'chroot' CHECK (image_type IN ('chroot', 'lxd')),
  chroot bigint NOT NULL REFERENCES library_file_alias,
  PRIMARY KEY (arch_series, pocket, image_type)
);

CREATE TABLE manager (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE builder (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  url text NOT NULL UNIQUE,
  virtualized boolean NOT NULL,
  vm_host text,
  reset_protocol text NOT NULL DEFAULT '1.1' CHECK (reset_protocol IN ('1.1', '2.0')),
  open_resources text[] NOT NULL DEFAULT '{}',
  restricted_resources text[] NOT NULL DEFAULT '{}',
  builderok boolean NOT NULL DEFAULT true,
  manual boolean NOT NULL,
  failnotes text,
  failure_count int NOT NULL DEFAULT 0,
  on_trial boolean NOT NULL DEFAULT false,
  trials int NOT NULL DEFAULT 0,
  date_trial timestamptz,
  introduced boolean NOT NULL DEFAULT false,
  clean text NOT NULL DEFAULT 'dirty' CHECK (clean IN ('clean', 'dirty', 'cleaning')),
  date_clean_changed timestamptz NOT NULL DEFAULT clock_timestamp(),
  version text,
  lease_owner uuid REFERENCES manager,
  lease_epoch bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  CHECK (NOT virtualized OR vm_host IS NOT NULL)
);

CREATE TABLE builder_architecture (
  builder int NOT NULL REFERENCES builder,
  architecture text NOT NULL,
  PRIMARY KEY (builder, architecture)
);

CREATE TABLE source (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  architecture_hints text[] NOT NULL,
  archive int NOT NULL REFERENCES archive,
  series int NOT NULL REFERENCES series,
  pocket text NOT NULL DEFAULT 'release'
    CHECK (pocket IN ('release', 'security', 'updates', 'proposed', 'backports')),
  component text NOT NULL,
  section text NOT NULL DEFAULT 'misc',
  urgency text NOT NULL DEFAULT 'low'
    CHECK (urgency IN ('low', 'medium', 'high', 'emergency')),
  status text NOT NULL DEFAULT 'published'
    CHECK (status IN ('published', 'superseded', 'deleted')),
  date_created timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX source_name ON source (name, archive, series, pocket);

CREATE TABLE source_file (
  source bigint NOT NULL REFERENCES source,
  position int NOT NULL,
  file bigint NOT NULL REFERENCES library_file_alias,
  PRIMARY KEY (source, position)
);

-- A canary is a known good source, built once more to try a builder.
CREATE TABLE build (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source bigint NOT NULL REFERENCES source,
  arch_series int NOT NULL REFERENCES arch_series,
  arch_indep boolean NOT NULL,
  virtualized boolean NOT NULL DEFAULT false,
  resources text[] NOT NULL DEFAULT '{}',
  score int NOT NULL,
  manual_score boolean NOT NULL DEFAULT false,
  estimate double precision NOT NULL DEFAULT 300,
  canary boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'needs_build' CHECK (state IN (
    'needs_build', 'building', 'gathering', 'uploading', 'fully_built',
    'failed_to_build', 'manual_dep_wait', 'chroot_wait', 'failed_to_upload',
    'superseded', 'cancelling', 'cancelled')),
  builder int REFERENCES builder,
  failure_count int NOT NULL DEFAULT 0,
  cause text,
  dependencies text,
  date_created timestamptz NOT NULL DEFAULT clock_timestamp(),
  date_first_dispatched timestamptz,
  date_started timestamptz,
  date_finished timestamptz
);
CREATE INDEX build_source ON build (source);
CREATE INDEX build_dep_wait ON build (id) WHERE state = 'manual_dep_wait';
-- What took how long, for estimates, limits and canaries.
CREATE INDEX build_success ON build (arch_series, date_finished DESC)
  WHERE state = 'fully_built' AND NOT canary;
CREATE INDEX build_quickest ON build (arch_series, (date_finished - date_started), id)
  WHERE state = 'fully_built' AND NOT canary;

-- A build is here while it waits or runs; builder is empty while it waits. What
-- decides who may build it, and does not change, is said once more, so that many that
-- may not are passed by at once.
CREATE TABLE build_queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  build bigint NOT NULL UNIQUE REFERENCES build,
  architecture text NOT NULL,
  virtualized boolean NOT NULL DEFAULT false,
  arch_series int NOT NULL REFERENCES arch_series,
  archive int NOT NULL REFERENCES archive,
  purpose text NOT NULL,
  pocket text NOT NULL,
  resources text[] NOT NULL DEFAULT '{}',
  score int NOT NULL,
  builder int UNIQUE REFERENCES builder,
  logtail text
);
CREATE INDEX build_queue_waiting
  ON build_queue (architecture, virtualized, score DESC, id) WHERE builder IS NULL;

-- The kinds of builds that wait, and the best of each; see Note [The best build].
CREATE INDEX build_queue_kind
  ON build_queue (architecture, virtualized, arch_series, archive, pocket, resources,
                  score DESC, id)
  WHERE builder IS NULL;

CREATE TABLE attempt (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  build bigint NOT NULL REFERENCES build,
  queue bigint NOT NULL,
  number int NOT NULL,
  builder int NOT NULL REFERENCES builder,
  manager uuid NOT NULL REFERENCES manager,
  epoch bigint NOT NULL,
  cookie text NOT NULL UNIQUE,
  chroot bigint NOT NULL REFERENCES library_file_alias,
  state text NOT NULL DEFAULT 'claimed'
    CHECK (state IN ('claimed', 'running', 'gathering', 'recorded', 'abandoned')),
  date_claimed timestamptz NOT NULL DEFAULT clock_timestamp(),
  date_started timestamptz,
  date_ended timestamptz,
  date_tail timestamptz,
  longest_silence double precision NOT NULL DEFAULT 0,
  stop_cause text,
  date_stopping timestamptz,
  outcome text,
  cause text,
  blamed boolean NOT NULL DEFAULT false,
  log bigint REFERENCES library_file_alias,
  UNIQUE (build, number)
);
CREATE INDEX attempt_queue ON attempt (queue);
-- On which builders a build has failed since it was queued.
CREATE VIEW failed_on AS
SELECT queue, builder FROM attempt WHERE state = 'abandoned' AND blamed;
CREATE UNIQUE INDEX one_live_attempt_per_build ON attempt (build)
  WHERE state IN ('claimed', 'running', 'gathering');
CREATE UNIQUE INDEX one_live_attempt_per_builder ON attempt (builder)
  WHERE state IN ('claimed', 'running', 'gathering');

-- At most one result for each time that a build was queued, ever.
CREATE TABLE result (
  attempt bigint PRIMARY KEY REFERENCES attempt,
  build bigint NOT NULL REFERENCES build,
  queue bigint NOT NULL UNIQUE,
  verdict text NOT NULL,
  log bigint NOT NULL REFERENCES library_file_alias,
  date_recorded timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX result_build ON result (build);

CREATE TABLE result_file (
  attempt bigint NOT NULL REFERENCES result,
  position int NOT NULL,
  file bigint NOT NULL REFERENCES library_file_alias,
  PRIMARY KEY (attempt, position)
);

-- What has landed on a manager's disk for the uploader.
CREATE TABLE upload (
  attempt bigint PRIMARY KEY REFERENCES result,
  manager uuid NOT NULL REFERENCES manager,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
  output text,
  date_ended timestamptz
);
CREATE INDEX upload_pending ON upload (manager, attempt) WHERE state = 'pending';

-- What has been published, by us or by others: dependencies wait for it.
CREATE TABLE binary_package (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  archive int NOT NULL REFERENCES archive,
  series int NOT NULL REFERENCES series,
  pocket text NOT NULL
    CHECK (pocket IN ('release', 'security', 'updates', 'proposed', 'backports')),
  component text NOT NULL,
  architecture text NOT NULL,
  name text NOT NULL,
  version text NOT NULL,
  build bigint REFERENCES build,
  date_created timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (name, version, architecture, archive, series, pocket)
);
CREATE INDEX binary_package_place
  ON binary_package (archive, series, pocket, architecture);

-- Who has changed which thing, and from what to what; or, if it was an attempt, which
-- manager, and with which right.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  date_created timestamptz NOT NULL DEFAULT clock_timestamp(),
  what text NOT NULL,
  who text,
  kind text CHECK (kind IN ('archive', 'series', 'builder', 'build', 'source')),
  name text,
  changes jsonb,
  manager uuid,
  builder int,
  attempt bigint,
  epoch bigint,
  detail text,
  CHECK (num_nonnulls(who, kind, name, changes) = CASE WHEN manager IS NULL THEN 4
                                                       ELSE 0 END)
);
CREATE INDEX audit_thing ON audit (kind, name, id) WHERE who IS NOT NULL;
CREATE INDEX audit_by_people ON audit (id) WHERE who IS NOT NULL;

-- How long ago that was; nothing that is done now lies in the future.
CREATE FUNCTION seconds_since(timestamptz) RETURNS double precision
  LANGUAGE sql VOLATILE
  RETURN greatest(extract(epoch FROM clock_timestamp() - $1), 0);

CREATE VIEW stored_file AS
SELECT a.id AS alias, a.filename AS name, a.mimetype, c.size, c.sha1,
       a.content AS sha256, a.restricted
  FROM library_file_alias a JOIN library_file_content c ON c.sha256 = a.content;

-- In which pockets a chroot is looked for, the nearest first.
CREATE TABLE chroot_order (
  pocket text NOT NULL,
  position int NOT NULL,
  looked_in text NOT NULL,
  PRIMARY KEY (pocket, position)
);
INSERT INTO chroot_order (pocket, position, looked_in) VALUES
  ('release', 1, 'release'),
  ('security', 1, 'security'), ('security', 2, 'release'),
  ('updates', 1, 'updates'), ('updates', 2, 'security'), ('updates', 3, 'release'),
  ('proposed', 1, 'proposed'), ('proposed', 2, 'updates'),
  ('proposed', 3, 'security'), ('proposed', 4, 'release'),
  ('backports', 1, 'backports'), ('backports', 2, 'updates'),
  ('backports', 3, 'security'), ('backports', 4, 'release');

-- The chroot that each pocket of an architecture is built in.
CREATE VIEW nearest_chroot AS
SELECT DISTINCT ON (c.arch_series, o.pocket) c.arch_series, o.pocket, c.chroot
  FROM chroot_order o
  JOIN pocket_chroot c ON c.pocket = o.looked_in AND c.image_type = 'chroot'
 ORDER BY c.arch_series, o.pocket, o.position;

-- An archive, and what it depends on.
CREATE VIEW archive_detail AS
SELECT a.*,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'archive', o.name, 'pocket', d.pocket, 'component', d.component)
                 ORDER BY d.position), '[]')
          FROM archive_dependency d JOIN archive o ON o.id = d.dependency
         WHERE d.archive = a.id) AS dependencies
  FROM archive a;

-- From where the builds of a source get their packages.
CREATE VIEW need AS
SELECT s.id AS source, se.name AS series, s.pocket, s.component, se.components,
       se.component AS usual_component, se.strict_components AS strict,
       se.archive_lines AS series_lines,
       (SELECT to_jsonb(d) FROM archive_detail d WHERE d.id = s.archive) AS archive,
       (SELECT to_jsonb(d) FROM archive_detail d WHERE d.id = pr.id) AS "primary",
       (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.id), '[]')
          FROM archive_dependency d JOIN archive_detail o ON o.id = d.dependency
         WHERE d.archive = s.archive) AS others,
       (SELECT same.component FROM source same
         WHERE same.name = s.name AND same.archive = pr.id AND same.series = s.series
           AND same.status = 'published'
         ORDER BY same.id DESC LIMIT 1) AS in_primary
  FROM source s
  JOIN series se ON se.id = s.series
  JOIN archive pr ON pr.distribution = se.distribution AND pr.purpose = 'primary';

-- What a worker is told about a build, but for the chroot.
CREATE VIEW job AS
SELECT b.id AS build, s.name AS source, s.version, se.distribution, a.architecture,
       b.arch_indep, b.virtualized, b.resources,
       (SELECT to_jsonb(n) FROM need n WHERE n.source = s.id) AS need,
       (SELECT jsonb_agg(to_jsonb(f) ORDER BY sf.position)
          FROM source_file sf JOIN stored_file f ON f.alias = sf.file
         WHERE sf.source = s.id) AS files,
       -- In which pockets of archives there is anything for it.
       (SELECT coalesce(jsonb_agg(jsonb_build_array(x.name, p.pocket)), '[]')
          FROM archive x
         CROSS JOIN (SELECT DISTINCT pocket FROM chroot_order) p
         WHERE (x.id = s.archive OR x.id IN
                 (SELECT dependency FROM archive_dependency WHERE archive = s.archive))
           AND x.purpose <> 'primary'
           AND EXISTS (SELECT FROM binary_package bp
                        WHERE bp.archive = x.id AND bp.series = s.series
                          AND bp.pocket = p.pocket
                          AND bp.architecture IN (a.architecture, 'all'))) AS published
  FROM build b
  JOIN source s ON s.id = b.source
  JOIN arch_series a ON a.id = b.arch_series
  JOIN series se ON se.id = a.series;

CREATE VIEW build_summary AS
SELECT b.id, s.name AS source, s.version, ar.name AS archive, se.name AS series,
       s.pocket, a.architecture, b.state, b.cause, b.score, br.name AS builder,
       b.date_created AS created, b.date_started AS started, b.date_finished AS finished,
       b.canary
  FROM build b
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
  JOIN arch_series a ON a.id = b.arch_series
  JOIN series se ON se.id = a.series
  LEFT JOIN builder br ON br.id = b.builder;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO fiera;
GRANT INSERT ON library_file_content, library_file_alias, archive, archive_dependency,
  series, arch_series, pocket_chroot, manager, builder, builder_architecture, source,
  source_file, build, build_queue, attempt, result, result_file, upload, binary_package,
  audit TO fiera;
GRANT UPDATE ON archive, series, arch_series, pocket_chroot, manager, builder, source,
  build, build_queue, attempt, upload TO fiera;
GRANT DELETE ON build_queue, pocket_chroot, archive_dependency, builder_architecture,
  binary_package TO fiera;
