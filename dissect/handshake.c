/* handshake: the messages of DTLS 1.2 from the inside (RFC 5246 §7.4, RFC 8422, RFC 5764).
 *
 * The idea: almost all is a list of numbers, or bytes, behind a length; three helpers read those,
 * and each message and extension is a few lines over them. */
#include "dissect/tree.h"

#include "dtls/handshake_fields.h"
#include "dtls/record.h"

static const struct rill_field unknown = {"extension", 0, 0, "RFC 5246 §7.4.1.4",
                                          "of a type that is not registered; it is passed over"};

static const struct rill_field *of(enum rill_dtls_field f)
{
    return rill_dtls_field(f);
}

typedef const char *name_fn(uint64_t n);

static uint64_t peek(const struct rill_scan *s, size_t n)
{
    struct rill_field f = {.bits = (uint16_t)(n * 8)};
    return rill_field_get(&f, rill_part_sub(s->p, s->at, n).v);
}

static void number(struct rill_scan *s, enum rill_dtls_field f, size_t size, name_fn *name)
{
    struct rill_dissect_node *node = rill_scan_int(s, of(f), size);
    node->meaning = name && !s->bad ? name(node->u) : NULL;
}

/* What is left to read of n bytes: of a first fragment there may be fewer. */
static size_t there(const struct rill_scan *s, size_t n)
{
    size_t left = rill_scan_left(s);
    return s->t->partial && left && n > left ? left : n;
}

/* A length of `size` bytes, and so many bytes behind it: a heading over both, open; the scan is
 * over what is behind the length. Bad when they are not all there. */
static struct rill_scan open_list(struct rill_scan *s, enum rill_dtls_field f, size_t size)
{
    size_t n = (size_t)peek(s, size);
    struct rill_part whole = rill_scan_take(s, of(f), there(s, size + n));
    struct rill_scan in = rill_scan_of(s->t, whole);
    in.bad = s->bad;
    if (s->bad)
        return in;
    rill_tree_open(s->t, of(f), whole);
    rill_scan_int(&in, of(RILL_DTLS_FIELD_LENGTH), size);
    return in;
}

static void close_list(struct rill_scan *in)
{
    if (in->p.v.n == 0)
        return;
    rill_scan_end(in, of(RILL_DTLS_FIELD_BODY));
    rill_tree_close(in->t);
}

static bool more(const struct rill_scan *s)
{
    return !s->bad && rill_scan_left(s) > 0;
}

static void numbers(struct rill_scan *s, enum rill_dtls_field list, size_t length_size,
                    enum rill_dtls_field item, size_t size, name_fn *name)
{
    struct rill_scan in = open_list(s, list, length_size);
    while (more(&in))
        number(&in, item, size, name);
    close_list(&in);
}

/* Bytes behind a length, as one node below a heading. */
static void opaque(struct rill_scan *s, enum rill_dtls_field f, size_t length_size)
{
    size_t n = (size_t)peek(s, length_size);
    struct rill_part whole = rill_scan_take(s, of(f), there(s, length_size + n));
    if (s->bad)
        return;
    struct rill_scan in = rill_scan_of(s->t, whole);
    struct rill_dissect_node *node = rill_tree_open(s->t, of(f), whole);
    node->type = RILL_DISSECT_BYTES;
    node->view = rill_part_from(whole, length_size).v;
    rill_scan_int(&in, of(RILL_DTLS_FIELD_LENGTH), length_size);
    if (n)
        rill_scan_bytes(&in, of(f), n);
    rill_tree_close(s->t);
}

static void text(struct rill_scan *s, enum rill_dtls_field f, size_t length_size)
{
    size_t n = (size_t)peek(s, length_size);
    rill_scan_int(s, of(RILL_DTLS_FIELD_LENGTH), length_size);
    rill_scan_text(s, of(f), n);
}

/* --- extensions ------------------------------------------------------------------------------ */

static void server_name(struct rill_scan *s)
{
    struct rill_scan in = open_list(s, RILL_DTLS_FIELD_SERVER_NAMES, 2);
    while (more(&in)) {
        number(&in, RILL_DTLS_FIELD_NAME_TYPE, 1, NULL);
        text(&in, RILL_DTLS_FIELD_HOST_NAME, 2);
    }
    close_list(&in);
}

static void protocols(struct rill_scan *s)
{
    struct rill_scan in = open_list(s, RILL_DTLS_FIELD_PROTOCOLS, 2);
    while (more(&in))
        text(&in, RILL_DTLS_FIELD_PROTOCOL, 1);
    close_list(&in);
}

static void key_share(struct rill_scan *s, bool client)
{
    struct rill_scan list = client ? open_list(s, RILL_DTLS_FIELD_SHARES, 2) : *s;
    while (more(&list)) {
        number(&list, RILL_DTLS_FIELD_GROUP, 2, rill_dtls_group_name);
        /* A server that asks for another group names it alone. */
        if (more(&list))
            opaque(&list, RILL_DTLS_FIELD_SHARE, 2);
    }
    if (client)
        close_list(&list);
    else
        *s = list;
}

static void extension_data(struct rill_scan *s, uint16_t type, bool client)
{
    switch (type) {
    case 0:
        server_name(s);
        break;
    case 10:
        numbers(s, RILL_DTLS_FIELD_GROUPS, 2, RILL_DTLS_FIELD_GROUP, 2, rill_dtls_group_name);
        break;
    case 11:
        numbers(s, RILL_DTLS_FIELD_POINTS, 1, RILL_DTLS_FIELD_POINT, 1, NULL);
        break;
    case 13:
    case 50:
        numbers(s, RILL_DTLS_FIELD_SIGNATURES, 2, RILL_DTLS_FIELD_SIGNATURE, 2,
                rill_dtls_signature_name);
        break;
    case 14:
        numbers(s, RILL_DTLS_FIELD_PROFILES, 2, RILL_DTLS_FIELD_PROFILE, 2, rill_dtls_profile_name);
        opaque(s, RILL_DTLS_FIELD_MKI, 1);
        break;
    case 16:
        protocols(s);
        break;
    case 43:
        if (client)
            numbers(s, RILL_DTLS_FIELD_VERSIONS, 1, RILL_DTLS_FIELD_VERSION, 2,
                    rill_dtls_version_name);
        else
            number(s, RILL_DTLS_FIELD_VERSION, 2, rill_dtls_version_name);
        break;
    case 45:
        numbers(s, RILL_DTLS_FIELD_PSK_MODES, 1, RILL_DTLS_FIELD_PSK_MODE, 1, NULL);
        break;
    case 51:
        key_share(s, client);
        break;
    case 0xff01:
        opaque(s, RILL_DTLS_FIELD_RENEGOTIATED, 1);
        break;
    default:
        break;
    }
    rill_scan_end(s, of(RILL_DTLS_FIELD_EXT_DATA));
}

static void extension(struct rill_scan *s, bool client)
{
    uint16_t type = (uint16_t)peek(s, 2);
    size_t n = (size_t)(peek(s, 4) & 0xffff);
    const struct rill_field *row = rill_dtls_extension_row(type);
    struct rill_part whole = rill_scan_take(s, row ? row : &unknown, there(s, 4 + n));
    if (s->bad)
        return;
    struct rill_scan in = rill_scan_of(s->t, whole);
    rill_tree_open(s->t, row ? row : &unknown, whole);
    struct rill_dissect_node *node = rill_scan_int(&in, of(RILL_DTLS_FIELD_EXT_TYPE), 2);
    node->meaning = row ? row->name : NULL;
    rill_scan_int(&in, of(RILL_DTLS_FIELD_LENGTH), 2);
    if (n)
        extension_data(&in, type, client);
    rill_tree_close(s->t);
}

static void extensions(struct rill_scan *s, bool client)
{
    if (!more(s))
        return;
    struct rill_scan in = open_list(s, RILL_DTLS_FIELD_EXTENSIONS, 2);
    while (more(&in))
        extension(&in, client);
    close_list(&in);
}

/* --- messages -------------------------------------------------------------------------------- */

static void client_hello(struct rill_scan *s)
{
    number(s, RILL_DTLS_FIELD_VERSION, 2, rill_dtls_version_name);
    rill_scan_bytes(s, of(RILL_DTLS_FIELD_RANDOM), 32);
    opaque(s, RILL_DTLS_FIELD_SESSION_ID, 1);
    opaque(s, RILL_DTLS_FIELD_COOKIE, 1);
    numbers(s, RILL_DTLS_FIELD_SUITES, 2, RILL_DTLS_FIELD_SUITE, 2, rill_dtls_suite_name);
    numbers(s, RILL_DTLS_FIELD_COMPRESSIONS, 1, RILL_DTLS_FIELD_COMPRESSION, 1, NULL);
    extensions(s, true);
}

static void server_hello(struct rill_scan *s)
{
    number(s, RILL_DTLS_FIELD_VERSION, 2, rill_dtls_version_name);
    rill_scan_bytes(s, of(RILL_DTLS_FIELD_RANDOM), 32);
    opaque(s, RILL_DTLS_FIELD_SESSION_ID, 1);
    number(s, RILL_DTLS_FIELD_SUITE, 2, rill_dtls_suite_name);
    number(s, RILL_DTLS_FIELD_COMPRESSION, 1, NULL);
    extensions(s, false);
}

static void certificates(struct rill_scan *s)
{
    struct rill_scan in = open_list(s, RILL_DTLS_FIELD_CERTIFICATES, 3);
    while (more(&in))
        opaque(&in, RILL_DTLS_FIELD_CERTIFICATE, 3);
    close_list(&in);
}

static void signed_part(struct rill_scan *s)
{
    number(s, RILL_DTLS_FIELD_SIGNATURE, 2, rill_dtls_signature_name);
    opaque(s, RILL_DTLS_FIELD_SIGNED, 2);
}

/* RFC 8422 §5.4: of the key exchanges that are left, ECDHE alone has this message. */
static void server_key_exchange(struct rill_scan *s)
{
    if (rill_scan_left(s) && peek(s, 1) != 3)
        return;
    number(s, RILL_DTLS_FIELD_CURVE_TYPE, 1, NULL);
    number(s, RILL_DTLS_FIELD_CURVE, 2, rill_dtls_group_name);
    opaque(s, RILL_DTLS_FIELD_ECDHE, 1);
    signed_part(s);
}

static void certificate_request(struct rill_scan *s)
{
    numbers(s, RILL_DTLS_FIELD_CERT_TYPES, 1, RILL_DTLS_FIELD_CERT_TYPE, 1,
            rill_dtls_cert_type_name);
    numbers(s, RILL_DTLS_FIELD_SIGNATURES, 2, RILL_DTLS_FIELD_SIGNATURE, 2,
            rill_dtls_signature_name);
    struct rill_scan in = open_list(s, RILL_DTLS_FIELD_AUTHORITIES, 2);
    while (more(&in))
        opaque(&in, RILL_DTLS_FIELD_AUTHORITY, 2);
    close_list(&in);
}

static void hello_verify_request(struct rill_scan *s)
{
    number(s, RILL_DTLS_FIELD_VERSION, 2, rill_dtls_version_name);
    opaque(s, RILL_DTLS_FIELD_COOKIE, 1);
}

void rill_dissect_handshake(struct rill_tree *t, struct rill_part p, uint8_t type)
{
    struct rill_scan s = rill_scan_of(t, p);
    switch (type) {
    case RILL_DTLS_CLIENT_HELLO:
        client_hello(&s);
        break;
    case RILL_DTLS_SERVER_HELLO:
        server_hello(&s);
        break;
    case RILL_DTLS_HELLO_VERIFY_REQUEST:
        hello_verify_request(&s);
        break;
    case 4:
        number(&s, RILL_DTLS_FIELD_LIFETIME, 4, NULL);
        opaque(&s, RILL_DTLS_FIELD_TICKET, 2);
        break;
    case 11:
        certificates(&s);
        break;
    case 12:
        server_key_exchange(&s);
        break;
    case 13:
        certificate_request(&s);
        break;
    case 15:
        signed_part(&s);
        break;
    case 16:
        opaque(&s, RILL_DTLS_FIELD_ECDHE, 1);
        break;
    case 20:
        rill_scan_end(&s, of(RILL_DTLS_FIELD_VERIFY_DATA));
        break;
    default:
        break;
    }
    rill_scan_end(&s, of(RILL_DTLS_FIELD_BODY));
}
