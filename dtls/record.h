/* dtls/record: the two headers that DTLS writes in the clear (RFC 6347 §4.1, §4.2.2).
 *
 * The idea: mbedtls reads them too, but it treats some nonsense as fatal that anybody can
 * send. So rill looks first, and passes on one record with one handshake message at a time.
 *
 * - rill_dtls_record_read    the next record of a datagram
 * - rill_dtls_message_read   the next handshake message, or fragment, of a record
 * - rill_dtls_record_write   a record around other contents
 */
#ifndef RILL_DTLS_RECORD_H
#define RILL_DTLS_RECORD_H

#include "base/field.h"
#include "dtls/errors.h"

#define RILL_DTLS_RECORD_HEADER 13
#define RILL_DTLS_MESSAGE_HEADER 12

enum rill_dtls_content {
    RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD = 20,
    RILL_DTLS_ALERT_RECORD = 21,
    RILL_DTLS_HANDSHAKE_RECORD = 22,
    RILL_DTLS_DATA_RECORD = 23,
};

enum rill_dtls_message_type {
    RILL_DTLS_CLIENT_HELLO = 1,
    RILL_DTLS_SERVER_HELLO = 2,
    RILL_DTLS_HELLO_VERIFY_REQUEST = 3,
};

extern const struct rill_field_table rill_dtls_record_fields;
extern const struct rill_field_table rill_dtls_message_fields;

struct rill_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t number; /* 48 bits */
    struct rill_view body;
    struct rill_view whole; /* header and body */
};

/* Takes the first record off *rest. Views point into the datagram. Errors: TOO_SHORT, TYPE,
 * VERSION, LENGTH; then nothing behind can be told apart and *rest is empty. */
int rill_dtls_record_read(struct rill_view *rest, struct rill_dtls_record *out,
                          struct rill_err *why);
/* The header of r, with the length of body, and body. */
void rill_dtls_record_write(struct rill_writer *w, const struct rill_dtls_record *r,
                            struct rill_view body);

struct rill_dtls_message {
    uint8_t type;
    uint32_t length; /* of the whole message, without its header */
    uint16_t seq;
    uint32_t offset; /* of the fragment in it */
    struct rill_view fragment;
    struct rill_view whole; /* header and fragment */
};

/* Takes the first message off *rest. Errors: MESSAGE_TOO_SHORT, FRAGMENT_BOUNDS,
 * FRAGMENT_EMPTY; then *rest is empty, but after FRAGMENT_EMPTY it has advanced. */
int rill_dtls_message_read(struct rill_view *rest, struct rill_dtls_message *out,
                           struct rill_err *why);
bool rill_dtls_message_is_whole(const struct rill_dtls_message *m);

#endif
