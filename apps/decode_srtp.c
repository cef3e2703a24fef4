/* decode srtp: protected packets, in order, under one master key (RFC 3711, RFC 7714).
 *
 * The idea: a session that only receives is given the packets one after another; what it takes is
 * printed in clear, what it drops with the reason. */
#include "apps/decode_list.h"
#include "base/limits.h"
#include "srtp/srtp.h"

#include <stdlib.h>
#include <string.h>

#define PACKETS_MAX 65536

static json_t *refusal(int code)
{
    const struct rill_err_row *row = rill_err_find(&rill_srtp_errors, code);
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "error", row ? row->name : "FAILED", "clause",
                     row ? row->clause : "");
}

/* In place. */
static json_t *result(struct rill_srtp *srtp, bool rtcp, struct rill_span packet)
{
    int n = rtcp ? rill_srtp_unprotect_rtcp(srtp, packet) : rill_srtp_unprotect_rtp(srtp, packet);
    if (n < 0)
        return refusal(n);
    return json_pack("{s:b, s:o}", "ok", 1, "plain_hex",
                     rill_app_json_hex(rill_view_at(packet.p, (size_t)n)));
}

static int all_of_list(struct rill_srtp *srtp, bool rtcp, struct rill_view in, json_t *results,
                       struct rill_err *why)
{
    json_t *list = NULL;
    int rc = rill_decode_list(in, PACKETS_MAX, &list, why);
    for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
        struct rill_view packet;
        uint8_t *bytes = rill_decode_list_item(list, i, &packet);
        if (bytes)
            json_array_append_new(results, result(srtp, rtcp, (struct rill_span){bytes, packet.n}));
        else
            rc = rill_decode_list_refuse(i, why);
        free(bytes);
    }
    json_decref(list);
    return rc;
}

static int one_packet(struct rill_srtp *srtp, bool rtcp, struct rill_view in, json_t *results)
{
    uint8_t *bytes = malloc(in.n + 1);
    if (!bytes)
        return RILL_SRTP_SETUP;
    if (in.n)
        memcpy(bytes, in.p, in.n);
    json_array_append_new(results, result(srtp, rtcp, (struct rill_span){bytes, in.n}));
    free(bytes);
    return 0;
}

static int decode(const struct rill_decode_args *args, struct rill_srtp *srtp, struct rill_view in,
                  json_t *out, struct rill_err *why)
{
    json_t *results = json_array();
    json_object_set_new(
        out, "profile",
        json_string(rill_srtp_profile_name(rill_srtp_profile_by_name(args->profile))));
    json_object_set_new(out, "results", results);
    return rill_decode_is_list(in) ? all_of_list(srtp, args->rtcp, in, results, why)
                                   : one_packet(srtp, args->rtcp, in, results);
}

int rill_decode_srtp(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    struct rill_srtp_config config = {
        .profile = rill_srtp_profile_by_name(args->profile),
        .remote_key = args->master_key,
        .remote_salt = args->master_salt,
        .streams = RILL_SRTP_STREAMS_MAX,
    };
    struct rill_srtp *srtp = NULL;
    /* A key of no bytes would make a session that takes nothing. */
    int rc = args->master_key.n == 0 ? RILL_SRTP_SETUP : rill_srtp_global_init();
    void *block = rc < 0 ? NULL : malloc(rill_srtp_size(&config));
    if (block)
        rc = rill_srtp_init(block, &config, &srtp);
    if (rc < 0)
        rill_err_set(&rill_srtp_errors, rc, 0, config.profile, why);
    else
        rc = decode(args, srtp, in, out, why);
    if (srtp)
        rill_srtp_free(srtp);
    free(block);
    return rc;
}
