/* call_report: what the two forms of a report share: text and JSON. */
#ifndef RILL_APPS_CALL_REPORT_H
#define RILL_APPS_CALL_REPORT_H

#include "apps/call.h"

/* µs from when both descriptions were known to the first decoded frame of this kind; -1: none. */
int64_t call_first_of(const struct call *c, enum rill_kind kind);
/* What the source of this transceiver's track has dropped. */
uint64_t call_source_dropped(const struct call *c, size_t transceiver);

/* call_report_json.c: an event "stats" and an event "summary". */
void call_report_stats_json(struct call *c, const struct rill_peer_stats *s);
void call_report_summary_json(struct call *c, const struct rill_peer_stats *s, bool ok);

/* call_report_text.c: the same for people. */
void call_report_stats_text(struct call *c, const struct rill_peer_stats *s);
void call_report_summary_text(struct call *c, const struct rill_peer_stats *s, bool ok);

#endif
