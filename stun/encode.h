/* stun/encode: what the seals of integrity.c need of the writer. */
#ifndef RILL_STUN_ENCODE_H
#define RILL_STUN_ENCODE_H

#include "stun/msg.h"

/* Sets the header's length to what is written plus `more` bytes that will follow. */
void rill_stun_patch_length(struct rill_stun_writer *s, size_t more);

#endif
