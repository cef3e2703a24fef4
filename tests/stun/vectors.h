/* vectors: the sample messages of RFC 5769 and of RFC 8489 appendix B.1, attribute by attribute. */
#ifndef RILL_TEST_STUN_VECTORS_H
#define RILL_TEST_STUN_VECTORS_H

/* RFC 5769 §2.1 */
#define SAMPLE_REQUEST                                                                             \
    "0001 0058 2112a442 b7e7a701bc34d686fa87dfae"                                                  \
    "8022 0010 5354554e207465737420636c69656e74" /* SOFTWARE "STUN test client" */                 \
    "0024 0004 6e0001ff"                         /* PRIORITY */                                    \
    "8029 0008 932ff9b151263b36"                 /* ICE-CONTROLLED */                              \
    "0006 0009 6576746a3a68367659 202020"        /* USERNAME "evtj:h6vY" */                        \
    "0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"                                           \
    "8028 0004 e57a3bcf"

/* RFC 5769 §2.2 */
#define SAMPLE_RESPONSE_IP4                                                                        \
    "0101 003c 2112a442 b7e7a701bc34d686fa87dfae"                                                  \
    "8022 000b 7465737420766563746f72 20" /* SOFTWARE "test vector" */                             \
    "0020 0008 0001 a147 e112a643"        /* XOR-MAPPED-ADDRESS */                                 \
    "0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"                                           \
    "8028 0004 c07d4c96"

/* RFC 5769 §2.3 */
#define SAMPLE_RESPONSE_IP6                                                                        \
    "0101 0048 2112a442 b7e7a701bc34d686fa87dfae"                                                  \
    "8022 000b 7465737420766563746f72 20"                                                          \
    "0020 0014 0002 a147 0113a9faa5d3f179bc25f4b5bed2b9d9"                                         \
    "0008 0014 a382954e4be67bf11784c97c8292c275bfe3ed41"                                           \
    "8028 0004 c8fb0b4c"

#define SAMPLE_PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

/* RFC 5769 §2.4 */
#define SAMPLE_LONG_TERM                                                                           \
    "0001 0060 2112a442 78ad3433c6ad72c029da412e"                                                  \
    "0006 0012 e3839ee38388e383aae38383e382afe382b9 0000"                 /* USERNAME */           \
    "0015 001c 662f2f3439396b3935346436 4f4c33346f4c39465354767936347341" /* NONCE */              \
    "0014 000b 6578616d706c652e6f7267 00" /* REALM "example.org" */                                \
    "0008 0014 f67024656dd64a3e02b8e0712e85c9a28ca89666"

/* The user, and the password after SASLprep. */
#define SAMPLE_USER "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9"
#define SAMPLE_LONG_TERM_KEY SAMPLE_USER ":example.org:TheMatrIX"

/* RFC 8489 appendix B.1, but for its length and so its seal: the RFC prints a length of 0x9c where
 * the attributes have 0x88 bytes, and its seal is taken over that. This seal was computed with
 * another implementation of HMAC-SHA-256 over the true length. */
#define SAMPLE_SHA256                                                                              \
    "0001 0088 2112a442 78ad3433c6ad72c029da412e"                                                  \
    "001e 0020 4a3cf38fef6992bda952c6780417da0f2481941556 9e60b205c46e41407f1704" /* USERHASH */   \
    "0015 0029 6f624d61744a6f73324141414366 2f2f3439396b3935346436 4f4c33346f4c3946"               \
    "5354767936347341 000000"             /* NONCE */                                              \
    "0014 000b 6578616d706c652e6f7267 00" /* REALM */                                              \
    "001c 0020 234112fbd4e27f983eb4032836f998216f5b23f8 d927753fbc4f882bfbdf0dec"

#endif
