/* rtcp_fields: the rows, and the names of kinds. */
#include "rtp/rtcp_fields.h"

#include "rtp/rtcp.h"

static const struct rill_field fields[] = {
#define RILL_RTCP_FIELD_ROW(field, name, bit, bits, clause, sentence)                              \
    {name, bit, bits, clause, sentence},
    RILL_RTCP_FIELDS(RILL_RTCP_FIELD_ROW)
#undef RILL_RTCP_FIELD_ROW
};

const struct rill_field *rill_rtcp_field(enum rill_rtcp_field f)
{
    return &fields[f];
}

#define ANY_FMT 0xff

static const struct {
    uint8_t pt, fmt;
    struct rill_field row;
} kinds[] = {
    {RILL_RTCP_SR, ANY_FMT, {"SR", 0, 0, "RFC 3550 §6.4.1", "a sender tells what it sent"}},
    {RILL_RTCP_RR, ANY_FMT, {"RR", 0, 0, "RFC 3550 §6.4.2", "a receiver tells what arrived"}},
    {RILL_RTCP_SDES, ANY_FMT, {"SDES", 0, 0, "RFC 3550 §6.5", "whose a stream is"}},
    {RILL_RTCP_BYE, ANY_FMT, {"BYE", 0, 0, "RFC 3550 §6.6", "a stream ends"}},
    {RILL_RTCP_APP, ANY_FMT, {"APP", 0, 0, "RFC 3550 §6.7", "something of an application's own"}},
    {RILL_RTCP_RTPFB, 1, {"NACK", 0, 0, "RFC 4585 §6.2.1", "these packets are lost"}},
    {RILL_RTCP_RTPFB, 3, {"TMMBR", 0, 0, "RFC 5104 §4.2.1", "send no faster than this"}},
    {RILL_RTCP_RTPFB, 4, {"TMMBN", 0, 0, "RFC 5104 §4.2.2", "the limits that are kept"}},
    {RILL_RTCP_RTPFB, 11, {"CCFB", 0, 0, "RFC 8888 §3.1", "when each packet arrived"}},
    {RILL_RTCP_RTPFB,
     15,
     {"transport-cc", 0, 0, RILL_RTCP_TWCC_CLAUSE, "when each packet of the transport arrived"}},
    {RILL_RTCP_RTPFB, ANY_FMT, {"RTPFB", 0, 0, "RFC 4585 §6.2", "feedback about packets"}},
    {RILL_RTCP_PSFB,
     1,
     {"PLI", 0, 0, "RFC 4585 §6.3.1", "the picture is lost: a key frame, please"}},
    {RILL_RTCP_PSFB, 2, {"SLI", 0, 0, "RFC 4585 §6.3.2", "a part of the picture is lost"}},
    {RILL_RTCP_PSFB, 3, {"RPSI", 0, 0, "RFC 4585 §6.3.3", "a picture to refer to"}},
    {RILL_RTCP_PSFB, 4, {"FIR", 0, 0, "RFC 5104 §4.3.1", "a key frame, at once"}},
    {RILL_RTCP_PSFB, 15, {"AFB", 0, 0, "RFC 4585 §6.4", "feedback of an application's own"}},
    {RILL_RTCP_PSFB, ANY_FMT, {"PSFB", 0, 0, "RFC 4585 §6.3", "feedback about pictures"}},
    {RILL_RTCP_XR, ANY_FMT, {"XR", 0, 0, "RFC 3611 §2", "extended reports"}},
};

static const struct rill_field remb = {"REMB", 0, 0, RILL_RTCP_REMB_CLAUSE,
                                       "the rate that the receiver thinks the path carries"};
static const struct rill_field other = {"RTCP packet", 0, 0, "RFC 3550 §6.1",
                                        "of a type that is not known; it is passed over"};

const struct rill_field *rill_rtcp_kind(uint8_t pt, uint8_t fmt, struct rill_view fci)
{
    if (pt == RILL_RTCP_PSFB && fmt == RILL_RTCP_AFB && rill_rtcp_is_remb(fci))
        return &remb;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].pt == pt && (kinds[i].fmt == ANY_FMT || kinds[i].fmt == fmt))
            return &kinds[i].row;
    return &other;
}

const char *rill_rtcp_sdes_name(uint64_t type)
{
    static const char *const names[] = {
        "end",  "CNAME", "NAME",       "EMAIL", "PHONE", "LOC",         "TOOL",
        "NOTE", "PRIV",  "H323-CADDR", "APSI",  "RGRP",  "RtpStreamId", "RepairedRtpStreamId",
        "CCID", "MID",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}

const char *rill_rtcp_xr_name(uint64_t type)
{
    static const char *const names[] = {
        NULL,
        "loss RLE",
        "duplicate RLE",
        "packet receipt times",
        "receiver reference time",
        "DLRR",
        "statistics summary",
        "VoIP metrics",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}
