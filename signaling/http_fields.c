/* http_fields: the rows. */
#include "signaling/http_fields.h"

static const struct rill_field fields[] = {
    {"request line", 0, 0, "RFC 9112 §3", "what is asked for"},
    {"method", 0, 0, "RFC 9110 §9", "what shall be done"},
    {"request-target", 0, 0, "RFC 9112 §3.2", "with what"},
    {"HTTP-version", 0, 0, "RFC 9112 §2.3", "HTTP/1.1"},
    {"status line", 0, 0, "RFC 9112 §4", "what became of it"},
    {"status-code", 0, 0, "RFC 9110 §15", "101: the protocol changes; 2xx: done; 4xx, 5xx: not"},
    {"reason-phrase", 0, 0, "RFC 9112 §4", "the same in words"},
    {"blank line", 0, 0, "RFC 9112 §2.1", "ends the head"},
    {"field-name", 0, 0, "RFC 9110 §5.1", "without case"},
    {"field-value", 0, 0, "RFC 9110 §5.5", "its value"},
    {"body", 0, 0, "RFC 9112 §6", "what the message carries"},
};

const struct rill_field_table rill_http_fields = {"HTTP head", fields,
                                                  sizeof fields / sizeof fields[0]};

static const struct rill_field headers[] = {
    {"Host", 0, 0, "RFC 9110 §7.2", "which server is meant"},
    {"Upgrade", 0, 0, "RFC 9110 §7.8", "the protocol that shall be spoken from here on"},
    {"Connection", 0, 0, "RFC 9110 §7.6.1", "what holds for this connection alone"},
    {"Origin", 0, 0, "RFC 6454 §7", "where the page that asks came from"},
    {"Sec-WebSocket-Key", 0, 0, "RFC 6455 §11.3.1", "16 random bytes that the answer has to know"},
    {"Sec-WebSocket-Accept", 0, 0, "RFC 6455 §11.3.3", "proves that the server speaks WebSocket"},
    {"Sec-WebSocket-Version", 0, 0, "RFC 6455 §11.3.5", "13"},
    {"Sec-WebSocket-Protocol", 0, 0, "RFC 6455 §11.3.4", "what is to be spoken inside"},
    {"Sec-WebSocket-Extensions", 0, 0, "RFC 6455 §11.3.2", "compression, for one"},
    {"Content-Type", 0, 0, "RFC 9110 §8.3", "what the body is"},
    {"Content-Length", 0, 0, "RFC 9110 §8.6", "bytes of the body"},
    {"Transfer-Encoding", 0, 0, "RFC 9112 §6.1", "how the body is cut"},
    {"Cache-Control", 0, 0, "RFC 9111 §5.2", "whether it may be kept"},
    {"Date", 0, 0, "RFC 9110 §6.6.1", "when it was said"},
    {"Server", 0, 0, "RFC 9110 §10.2.4", "who wrote the server"},
    {"User-Agent", 0, 0, "RFC 9110 §10.1.5", "who wrote the client"},
    {"Location", 0, 0, "RFC 9110 §10.2.2", "where it is instead"},
    {"Range", 0, 0, "RFC 9110 §14.2", "which bytes are asked for"},
    {"Content-Range", 0, 0, "RFC 9110 §14.4", "which bytes these are"},
    {"Access-Control-Allow-Origin", 0, 0, "Fetch §3.3.3", "which pages may read the answer"},
    {"header", 0, 0, "RFC 9110 §5", "a field that has no name here"},
};

const struct rill_field *rill_http_header_row(struct rill_view name)
{
    size_t last = sizeof headers / sizeof headers[0] - 1;
    for (size_t i = 0; i < last; i++)
        if (rill_view_is_nocase(name, headers[i].name))
            return &headers[i];
    return &headers[last];
}
