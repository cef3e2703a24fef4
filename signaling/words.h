/* signaling/words: the names that stand in what a WebSocket carries, and what they mean. */
#ifndef RILL_SIGNALING_WORDS_H
#define RILL_SIGNALING_WORDS_H

#include "base/field.h"

/* By name: "Engine.IO packet", "packet type", "Socket.IO packet", "attachments", "namespace",
 * "acknowledgement id", "event", "argument", "data". */
extern const struct rill_field_table rill_sig_fields;
/* What an event of the vocabulary is for; NULL for one that is not of it (docs/signaling.md). */
const char *rill_sig_event_sentence(struct rill_view name);
/* The names of packet types '0' to '6'; NULL for others. */
const char *rill_eio_type_name(uint8_t digit);
const char *rill_sio_type_name(uint8_t digit);
/* RFC 6455 §11.8 and §7.4.1. */
const char *rill_ws_opcode_name(uint64_t opcode);
const char *rill_ws_code_name(uint64_t code);

#endif
