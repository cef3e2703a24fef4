#include "dtls/dates.h"

/* Years are counted from March, so that the leap day is the last of its year; 400 of them have
 * 146097 days. 719468 days lie between 1 March of the year 0 and 1970. */
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = floor_div(y, 400), of_era = y - era * 400;
    int64_t from_march = (month + 9) % 12;
    int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

int64_t rill_date_unix(const struct rill_date *d)
{
    return days_of(d->year, d->month, d->day) * RILL_DAY_S + d->hour * 3600 + d->minute * 60 +
           d->second;
}

struct rill_date rill_date_of(int64_t unix_s)
{
    int64_t days = floor_div(unix_s, RILL_DAY_S), left = unix_s - days * RILL_DAY_S;
    int64_t era = floor_div(days + EPOCH_DAYS, ERA_DAYS);
    int64_t of_era = days + EPOCH_DAYS - era * ERA_DAYS;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct rill_date){
        .year = (int)(era * 400 + y + (month <= 2)),
        .month = (int)month,
        .day = (int)(of_year - (153 * from_march + 2) / 5 + 1),
        .hour = (int)(left / 3600),
        .minute = (int)(left / 60 % 60),
        .second = (int)(left % 60),
    };
}
