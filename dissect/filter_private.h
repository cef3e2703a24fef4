/* dissect/filter_private (room-internal): what the files of the filter share. */
#ifndef RILL_DISSECT_FILTER_PRIVATE_H
#define RILL_DISSECT_FILTER_PRIVATE_H

#include "dissect/filter.h"

/* 12, 0x0c, 2.5 with up to six digits behind the point: into whole and millionths. */
bool rill_filter_number(struct rill_view v, struct rill_filter_value *out);
/* filter_data.c: text is an event's data as JSON, or the whole record with it. */
struct rill_view rill_filter_data(struct rill_view text);
/* The value of a member of data as it is written; p NULL when there is none. */
struct rill_view rill_filter_member(struct rill_view text, struct rill_view name);

#endif
