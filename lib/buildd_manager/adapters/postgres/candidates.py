"""Which build is the best for a builder, as PostgreSQL is asked."""

from buildd_manager.adapters.postgres import virtualizing
from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import may_build_in


# Note [The best build]
#
# What suits whom is said in domain.matching, and tests hold this against it. The
# queue is read from its best entry on until one suits, which the first nearly always
# does. But thousands may be kept back by what many have in common: their archive is
# disabled, their series has no chroot, no builder has what they need. So that nobody
# reads past all of these, again and again, only the first few entries are read like
# this. If none of them suits, the kinds of entries are listed, each by one step in an
# index, and of each kind that suits the best entry is looked up; the best of those is
# the best of all.
#
# What depends on the kind is looked up in small sets that are made once; IS TRUE keeps
# the planner from making joins of them, and with them of the queue. What keeps back
# few is asked of one entry at a time, last.

#: Entries that are read one by one; all of them take as long as a few kinds.
FIRST = 200

#: Each ``status/pocket/purpose`` for which may be built now.
OPEN = [
    f"{status.value}/{pocket.value}/{purpose.value}"
    for status in SeriesStatus
    for pocket in Pocket
    for purpose in Purpose
    if may_build_in(status, pocket, purpose)
]

#: What waits for a builder ``me``, for one of its architectures, ``mine``.
_WAITS = """q.builder IS NULL
       AND q.architecture = mine.architecture AND q.virtualized = me.virtualized"""

_KIND_SUITS = """q.resources <@ (me.open_resources || me.restricted_resources)
       AND me.restricted_resources <@ q.resources
       AND (q.archive IN (SELECT id FROM archive WHERE enabled)) IS TRUE
       AND ((q.arch_series, q.pocket, q.purpose) IN (
             SELECT a.id, c.pocket, p.purpose
               FROM arch_series a
               JOIN series se ON se.id = a.series
               JOIN nearest_chroot c ON c.arch_series = a.id
              CROSS JOIN (SELECT DISTINCT purpose FROM archive) p
              WHERE a.enabled
                AND se.status || '/' || c.pocket || '/' || p.purpose
                    = ANY (%(open)s))) IS TRUE
       AND (q.pocket <> 'security'
            OR q.archive IN (SELECT id FROM archive WHERE build_security)) IS TRUE
       AND (q.arch_series NOT IN (
             SELECT a.id FROM arch_series a JOIN series se ON se.id = a.series
              WHERE se.status = 'obsolete')
            OR q.archive IN (SELECT id FROM archive WHERE build_obsolete)) IS TRUE"""

_ENTRY_SUITS = """q.id <> ALL (%(passed)s::bigint[])
       AND (SELECT b.state = 'needs_build' AND s.status = 'published'
              FROM build b JOIN source s ON s.id = b.source WHERE b.id = q.build)
       AND NOT (
             EXISTS (SELECT FROM failed_on f
                      WHERE f.queue = q.id AND f.builder = me.id)
             AND EXISTS (
                  SELECT FROM builder other
                    JOIN builder_architecture theirs ON theirs.builder = other.id
                   WHERE other.builderok AND NOT other.manual
                     AND theirs.architecture = q.architecture
                     AND other.virtualized = q.virtualized
                     AND q.resources
                         <@ (other.open_resources || other.restricted_resources)
                     AND other.restricted_resources <@ q.resources
                     AND NOT EXISTS (
                          SELECT FROM failed_on f
                           WHERE f.queue = q.id AND f.builder = other.id)))"""

_KIND = "q.arch_series, q.archive, q.pocket, q.resources"

#: Takes ``builder``, ``open``, ``first``, and as ``passed`` entries that are none.
BEST = f"""
SELECT best.id, best.build
  FROM builder me
  JOIN builder_architecture mine ON mine.builder = me.id
 CROSS JOIN LATERAL (
  WITH RECURSIVE early AS MATERIALIZED (
    SELECT q.id, q.build, q.score
      FROM (SELECT * FROM build_queue q WHERE {_WAITS}
             ORDER BY q.score DESC, q.id LIMIT %(first)s) q
     WHERE {_KIND_SUITS}
       AND {_ENTRY_SUITS}
     ORDER BY q.score DESC, q.id LIMIT 1),
  kind AS (
    (SELECT {_KIND}, q.purpose FROM build_queue q
      WHERE {_WAITS} AND NOT EXISTS (SELECT FROM early)
      ORDER BY {_KIND} LIMIT 1)
    UNION ALL
    SELECT another.* FROM kind k CROSS JOIN LATERAL (
      SELECT {_KIND}, q.purpose FROM build_queue q
       WHERE {_WAITS}
         AND ({_KIND}) > (k.arch_series, k.archive, k.pocket, k.resources)
       ORDER BY {_KIND} LIMIT 1) another),
  suitable AS (SELECT {_KIND} FROM kind q WHERE {_KIND_SUITS})
  SELECT * FROM early
  UNION ALL
  SELECT late.* FROM suitable k CROSS JOIN LATERAL (
    SELECT q.id, q.build, q.score FROM build_queue q
     WHERE {_WAITS}
       AND ({_KIND}) = (k.arch_series, k.archive, k.pocket, k.resources)
       AND {_ENTRY_SUITS}
     ORDER BY q.score DESC, q.id LIMIT 1) late) best
 WHERE me.id = %(builder)s AND NOT me.manual
 ORDER BY best.score DESC, best.id LIMIT 1
"""

#: The quickest success that suits a builder, and has failed no trial of it; takes
#: ``builder``.
KNOWN_GOOD = f"""
SELECT quickest.id
  FROM builder me
  JOIN builder_architecture mine ON mine.builder = me.id
  JOIN arch_series a ON a.architecture = mine.architecture
  JOIN series se ON se.id = a.series
 CROSS JOIN LATERAL (
  SELECT b.id, b.date_finished - b.date_started AS took
    FROM build b
   WHERE b.arch_series = a.id AND b.state = 'fully_built' AND NOT b.canary
     AND b.date_finished - b.date_started IS NOT NULL
     AND NOT EXISTS (SELECT FROM build c JOIN attempt tried ON tried.build = c.id
                      WHERE c.source = b.source AND c.arch_series = b.arch_series
                        AND c.canary AND tried.blamed AND tried.builder = me.id)
     AND (SELECT b.virtualized = me.virtualized
                 AND (me.virtualized OR NOT {virtualizing.NEEDED})
                 AND b.resources <@ (me.open_resources || me.restricted_resources)
                 AND me.restricted_resources <@ b.resources
                 AND ar.enabled AND (ar.build_security OR s.pocket <> 'security')
                 AND (ar.build_obsolete OR se.status <> 'obsolete')
                 AND EXISTS (SELECT FROM nearest_chroot c
                              WHERE c.arch_series = a.id AND c.pocket = s.pocket)
            FROM source s JOIN archive ar ON ar.id = s.archive
           WHERE s.id = b.source)
   ORDER BY b.date_finished - b.date_started, b.id LIMIT 1) quickest
 WHERE me.id = %(builder)s AND NOT me.manual AND a.enabled
 ORDER BY quickest.took, quickest.id LIMIT 1
"""
