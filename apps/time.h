/* apps/time: the wall clock of libraries that ask for it by themselves.
 *
 * The idea: mbedtls puts time() into its hello randoms, so a seeded call could not be repeated
 * bit for bit. The rill command therefore brings its own time(): the system's clock, until a
 * seeded run says what time it is. */
#ifndef RILL_APPS_TIME_H
#define RILL_APPS_TIME_H

#include <stdint.h>

/* From here on time() answers unix_s, seconds since 1970, in this process. */
void rill_app_virtual_time(int64_t unix_s);

#endif
