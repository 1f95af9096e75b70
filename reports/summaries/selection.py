"""Which revisions a build counts, as at its data cut.

Accepted: the last decision up to the cut is the province's pass. Submitted (provisional): the last revision up to the
cut that was neither recalled nor returned by then. Decisions, revisions and recalls are append-only, so the same cut
gives the same selection for ever.
"""

from __future__ import annotations

from reports.summaries.models import Build

#: Placeholders: %(round)s, %(cut)s. Columns: filing_id, revision_id.
_ACCEPTED = """
SELECT f.id AS filing_id, d.revision_id
  FROM filings_filing f
  JOIN LATERAL (SELECT revision_id, verdict, tier FROM filings_decision
                 WHERE filing_id = f.id AND at <= %(cut)s ORDER BY id DESC LIMIT 1) d ON true
 WHERE f.round_id = %(round)s AND d.verdict = 'pass' AND d.tier = 'province'
"""

_SUBMITTED = """
SELECT f.id AS filing_id, r.id AS revision_id
  FROM filings_filing f
  JOIN LATERAL (SELECT id FROM filings_revision
                 WHERE filing_id = f.id AND submitted_at <= %(cut)s ORDER BY number DESC LIMIT 1) r ON true
 WHERE f.round_id = %(round)s
   AND NOT EXISTS (SELECT 1 FROM filings_recall c WHERE c.revision_id = r.id AND c.at <= %(cut)s)
   AND NOT EXISTS (SELECT 1 FROM filings_decision d
                    WHERE d.revision_id = r.id AND d.verdict = 'return' AND d.at <= %(cut)s)
"""

SELECTIONS: dict[str, str] = {Build.Basis.ACCEPTED: _ACCEPTED, Build.Basis.SUBMITTED: _SUBMITTED}
