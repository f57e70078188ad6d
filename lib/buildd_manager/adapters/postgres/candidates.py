"""Which build is the best for a builder, as PostgreSQL is asked."""

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import may_build_in


# Note [The best build]
#
# What suits whom is said in domain.matching, and tests hold this against it. The
# queue is read from its best entry on until one suits, which the first nearly always
# does. Conditions that may keep back thousands of entries are looked up in small sets
# that are made once; IS TRUE keeps the planner from making joins of them, and with
# them of the queue. What keeps back few is asked of one entry at a time, last.

#: Each ``status/pocket/purpose`` for which may be built now.
OPEN = [
    f"{status.value}/{pocket.value}/{purpose.value}"
    for status in SeriesStatus
    for pocket in Pocket
    for purpose in Purpose
    if may_build_in(status, pocket, purpose)
]

#: Takes ``builder``, ``open``, and as ``passed`` entries that are none.
BEST = """
SELECT best.id, best.build
  FROM builder me
  JOIN builder_architecture mine ON mine.builder = me.id
 CROSS JOIN LATERAL (
  SELECT q.id, q.build, q.score
    FROM build_queue q
   WHERE q.builder IS NULL
     AND q.architecture = mine.architecture
     AND q.virtualized = me.virtualized
     AND q.resources <@ (me.open_resources || me.restricted_resources)
     AND me.restricted_resources <@ q.resources
     AND q.id <> ALL (%(passed)s::bigint[])
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
          OR q.archive IN (SELECT id FROM archive WHERE build_obsolete)) IS TRUE
     AND (SELECT b.state = 'needs_build' AND s.status = 'published'
            FROM build b JOIN source s ON s.id = b.source WHERE b.id = q.build)
     AND NOT (
           EXISTS (SELECT FROM failed_on f WHERE f.queue = q.id AND f.builder = me.id)
           AND EXISTS (
                SELECT FROM builder other
                  JOIN builder_architecture theirs ON theirs.builder = other.id
                 WHERE other.builderok AND NOT other.manual
                   AND theirs.architecture = q.architecture
                   AND other.virtualized = q.virtualized
                   AND q.resources
                       <@ (other.open_resources || other.restricted_resources)
                   AND other.restricted_resources <@ q.resources
                   AND NOT EXISTS (SELECT FROM failed_on f
                                    WHERE f.queue = q.id AND f.builder = other.id)))
   ORDER BY q.score DESC, q.id LIMIT 1) best
 WHERE me.id = %(builder)s AND NOT me.manual
 ORDER BY best.score DESC, best.id LIMIT 1
"""

#: The quickest success that suits a builder, and has failed no trial of it; takes
#: ``builder``.
KNOWN_GOOD = """
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
