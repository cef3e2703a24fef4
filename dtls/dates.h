/* dtls/dates: the days of certificates as seconds since 1970, both ways.
 *
 * The idea: no clock and no calendar of libc; days are counted by Gregorian rules alone. */
#ifndef RILL_DTLS_DATES_H
#define RILL_DTLS_DATES_H

#include <stdint.h>

#define RILL_DAY_S ((int64_t)86400)

/* In UTC; month and day begin with 1. */
struct rill_date {
    int year, month, day, hour, minute, second;
};

struct rill_date rill_date_of(int64_t unix_s);
int64_t rill_date_unix(const struct rill_date *d);

#endif
