"""What is said to PostgreSQL about what people add and see."""

from buildd_manager.adapters.postgres import rows


ADD_SERIES = """
INSERT INTO series (name, distribution, component, archive_lines)
VALUES (%s, %s, %s, %s)
"""

ADD_ARCHITECTURE = """
INSERT INTO arch_series (series, architecture) SELECT id, %s FROM series WHERE name = %s
"""

SET_CHROOT = """
INSERT INTO pocket_chroot (arch_series, chroot)
SELECT a.id, %s FROM arch_series a JOIN series s ON s.id = a.series
 WHERE s.name = %s AND a.architecture = %s
ON CONFLICT (arch_series, pocket, image_type) DO UPDATE SET chroot = excluded.chroot
"""

_SERIES = """
SELECT s.name, s.distribution, s.component, s.archive_lines,
       (SELECT coalesce(jsonb_agg(
                 jsonb_build_object(
                   'architecture', a.architecture, 'chroot', to_jsonb(f))
                 ORDER BY a.id), '[]')
          FROM arch_series a
          LEFT JOIN pocket_chroot c ON c.arch_series = a.id AND c.pocket = 'release'
                                   AND c.image_type = 'chroot'
          LEFT JOIN stored_file f ON f.alias = c.chroot
         WHERE a.series = s.id)
  FROM series s
"""

ALL_SERIES = f"{_SERIES} ORDER BY s.name"

ONE_SERIES = f"{_SERIES} WHERE s.name = %s"

ADD_BUILDER = """
INSERT INTO builder (name, url, virtualized, vm_host, manual)
VALUES (%s, %s, %s, %s, %s) RETURNING id
"""

ADD_BUILDER_ARCHITECTURE = """
INSERT INTO builder_architecture (builder, architecture) VALUES (%s, %s)
"""

ALL_BUILDERS = f"SELECT {rows.BUILDER_COLUMNS} FROM builder b ORDER BY b.name"

ONE_BUILDER = f"SELECT {rows.BUILDER_COLUMNS} FROM builder b WHERE b.name = %s"

BUILD_ON = f"""
SELECT {rows.SUMMARY_COLUMNS} FROM build_summary
 WHERE id = (SELECT build FROM attempt
              WHERE builder = %s AND state IN ('claimed', 'running', 'gathering'))
"""

ADD_SOURCE = """
INSERT INTO source (name, version, architecture_hints) VALUES (%s, %s, %s) RETURNING id
"""

ADD_SOURCE_FILES = """
INSERT INTO source_file (source, position, file)
SELECT %s, position, file FROM unnest(%s::bigint[]) WITH ORDINALITY AS f(file, position)
"""

ADD_BUILD = """
INSERT INTO build (source, arch_series, component, arch_indep, score)
SELECT %(source)s, a.id, s.component, %(arch_indep)s, %(score)s
  FROM arch_series a JOIN series s ON s.id = a.series
 WHERE s.name = %(series)s AND a.architecture = %(architecture)s
RETURNING id
"""

ENQUEUE = "INSERT INTO build_queue (build, architecture, score) VALUES (%s, %s, %s)"

THESE_BUILDS = f"""
SELECT {rows.SUMMARY_COLUMNS} FROM build_summary WHERE id = ANY(%s) ORDER BY id
"""

BUILDS = f"""
SELECT {rows.SUMMARY_COLUMNS} FROM build_summary WHERE id < %s ORDER BY id DESC LIMIT %s
"""

# The result that stands is that of the last attempt that was recorded.
ONE_BUILD = f"""
SELECT {rows.SUMMARY_COLUMNS}, b.dependencies, q.logtail,
       (SELECT to_jsonb(f) FROM stored_file f WHERE f.alias = r.log),
       (SELECT coalesce(jsonb_agg(to_jsonb(f) ORDER BY rf.position), '[]')
          FROM result_file rf JOIN stored_file f ON f.alias = rf.file
         WHERE rf.attempt = r.attempt),
       u.output
  FROM build_summary
  JOIN (SELECT id AS number, dependencies FROM build) b ON b.number = id
  LEFT JOIN (SELECT build, logtail FROM build_queue) q ON q.build = id
  LEFT JOIN LATERAL (SELECT attempt, log FROM result WHERE build = build_summary.id
                      ORDER BY attempt DESC LIMIT 1) r ON true
  LEFT JOIN (SELECT attempt, output FROM upload) u ON u.attempt = r.attempt
 WHERE id = %s
"""

ATTEMPTS = """
SELECT a.id, a.number, b.name, a.cookie, a.state, a.date_claimed, a.date_started,
       a.date_ended, a.outcome
  FROM attempt a JOIN builder b ON b.id = a.builder
 WHERE a.build = %s ORDER BY a.number
"""
