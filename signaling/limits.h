/* signaling/limits: the bounds of the signaling server, all of them, from limits.def.
 *
 * The idea: one row a bound: its name, its value, what it bounds and what happens beyond it. Those
 * that begin with RILL_LIMIT_ are what a config of zeros means; the others hold whatever the config
 * says.
 */
#ifndef RILL_SIGNALING_LIMITS_H
#define RILL_SIGNALING_LIMITS_H

#include "base/limits.h"

enum rill_signaling_limit {
#define RILL_LIMIT(name, value, unit, what, beyond) name = (value),
#include "signaling/limits.def"
#undef RILL_LIMIT
};

#endif
