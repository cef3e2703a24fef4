#include "dtls/record.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |     type      |            version            |     epoch     :
 * +---------------+---------------+---------------+---------------+
 * :  (2 bytes)    |           sequence number (6 bytes)           :
 * +---------------+---------------+---------------+---------------+
 * :                                               |    length     :
 * +---------------+---------------+---------------+---------------+
 * :  (2 bytes)    |                 body …
 */
enum { TYPE, VERSION, EPOCH, NUMBER, LENGTH };
static const struct rill_field record_rows[] = {
    [TYPE] = {"type", 0, 8, "RFC 6347 §4.1",
              "20 ChangeCipherSpec, 21 alert, 22 handshake, 23 application data"},
    [VERSION] = {"version", 8, 16, "RFC 6347 §4.1",
                 "one's complement: 65277 is DTLS 1.2; a first ClientHello may say 65279"},
    [EPOCH] = {"epoch", 24, 16, "RFC 6347 §4.1",
               "counts the changes of keys: 0 is in the clear, 1 after the handshake"},
    [NUMBER] = {"sequence_number", 40, 48, "RFC 6347 §4.1",
                "counts the records of an epoch; a record sent again has a new one"},
    [LENGTH] = {"length", 88, 16, "RFC 6347 §4.1", "bytes of the body"},
};
const struct rill_field_table rill_dtls_record_fields = {
    "DTLS record", record_rows, sizeof record_rows / sizeof record_rows[0]};

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |   msg type    |                    length                     |
 * +---------------+---------------+---------------+---------------+
 * |          message seq          |        fragment offset        :
 * +---------------+---------------+---------------+---------------+
 * :  (3 bytes)    |                fragment length                |
 * +---------------+---------------+---------------+---------------+
 */
enum { MSG_TYPE, MSG_LENGTH, MSG_SEQ, FRAG_OFFSET, FRAG_LENGTH };
static const struct rill_field message_rows[] = {
    [MSG_TYPE] = {"msg_type", 0, 8, "RFC 6347 §4.2.2", "1 ClientHello, 2 ServerHello, …"},
    [MSG_LENGTH] = {"length", 8, 24, "RFC 6347 §4.2.2", "bytes of the whole message"},
    [MSG_SEQ] = {"message_seq", 32, 16, "RFC 6347 §4.2.2",
                 "counts the messages; one sent again keeps its number"},
    [FRAG_OFFSET] = {"fragment_offset", 48, 24, "RFC 6347 §4.2.3",
                     "where in the message this fragment begins"},
    [FRAG_LENGTH] = {"fragment_length", 72, 24, "RFC 6347 §4.2.3",
                     "equal to length when the message is in one piece"},
};
const struct rill_field_table rill_dtls_message_fields = {
    "DTLS handshake message", message_rows, sizeof message_rows / sizeof message_rows[0]};

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_dtls_errors, code, 0, value, why);
}

static struct rill_view after(struct rill_view v, size_t n)
{
    return rill_view_at(v.p + n, v.n - n);
}

static int judge_record(const struct rill_dtls_record *r, size_t length, size_t left,
                        struct rill_err *why)
{
    if (r->type < RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD || r->type > RILL_DTLS_DATA_RECORD)
        return refuse(RILL_DTLS_RECORD_TYPE, r->type, why);
    if (r->version != 0xfeff && r->version != 0xfefd)
        return refuse(RILL_DTLS_RECORD_VERSION, r->version, why);
    if (length == 0 || length > left)
        return refuse(RILL_DTLS_RECORD_LENGTH, length, why);
    return 0;
}

int rill_dtls_record_read(struct rill_view *rest, struct rill_dtls_record *out,
                          struct rill_err *why)
{
    struct rill_view v = *rest;
    *rest = (struct rill_view){0};
    if (v.n < RILL_DTLS_RECORD_HEADER)
        return refuse(RILL_DTLS_RECORD_TOO_SHORT, v.n, why);
    struct rill_dtls_record r = {
        .type = (uint8_t)rill_field_get(&record_rows[TYPE], v),
        .version = (uint16_t)rill_field_get(&record_rows[VERSION], v),
        .epoch = (uint16_t)rill_field_get(&record_rows[EPOCH], v),
        .number = rill_field_get(&record_rows[NUMBER], v),
    };
    size_t length = (size_t)rill_field_get(&record_rows[LENGTH], v);
    int rc = judge_record(&r, length, v.n - RILL_DTLS_RECORD_HEADER, why);
    if (rc < 0)
        return rc;
    r.body = rill_view_sub(v, RILL_DTLS_RECORD_HEADER, length);
    r.whole = rill_view_sub(v, 0, RILL_DTLS_RECORD_HEADER + length);
    *rest = after(v, r.whole.n);
    *out = r;
    return 0;
}

void rill_dtls_record_write(struct rill_writer *w, const struct rill_dtls_record *r,
                            struct rill_view body)
{
    rill_w_u8(w, r->type);
    rill_w_u16(w, r->version);
    rill_w_u16(w, r->epoch);
    rill_w_u16(w, (uint16_t)(r->number >> 32));
    rill_w_u32(w, (uint32_t)r->number);
    rill_w_u16(w, (uint16_t)body.n);
    rill_w_bytes(w, body);
}

int rill_dtls_message_read(struct rill_view *rest, struct rill_dtls_message *out,
                           struct rill_err *why)
{
    struct rill_view v = *rest;
    *rest = (struct rill_view){0};
    if (v.n < RILL_DTLS_MESSAGE_HEADER)
        return refuse(RILL_DTLS_MESSAGE_TOO_SHORT, v.n, why);
    struct rill_dtls_message m = {
        .type = (uint8_t)rill_field_get(&message_rows[MSG_TYPE], v),
        .length = (uint32_t)rill_field_get(&message_rows[MSG_LENGTH], v),
        .seq = (uint16_t)rill_field_get(&message_rows[MSG_SEQ], v),
        .offset = (uint32_t)rill_field_get(&message_rows[FRAG_OFFSET], v),
    };
    uint32_t n = (uint32_t)rill_field_get(&message_rows[FRAG_LENGTH], v);
    if (m.offset > m.length || n > m.length - m.offset || n > v.n - RILL_DTLS_MESSAGE_HEADER)
        return refuse(RILL_DTLS_FRAGMENT_BOUNDS, n, why);
    m.fragment = rill_view_sub(v, RILL_DTLS_MESSAGE_HEADER, n);
    m.whole = rill_view_sub(v, 0, RILL_DTLS_MESSAGE_HEADER + n);
    *rest = after(v, m.whole.n);
    if (n == 0 && m.length != 0)
        return refuse(RILL_DTLS_FRAGMENT_EMPTY, m.length, why);
    *out = m;
    return 0;
}

bool rill_dtls_message_is_whole(const struct rill_dtls_message *m)
{
    return m->fragment.n == m->length;
}
