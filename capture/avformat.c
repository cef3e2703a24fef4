#include "capture/avformat.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

/* libavformat brings libavcodec and libavutil, in which names are looked for too. */
bool rill_avformat_load(struct rill_avformat *out)
{
    static const struct {
        const char *name;
        size_t at;
    } functions[] = {
#define ROW(name) {#name, offsetof(struct rill_avformat, name)},
        RILL_AVFORMAT_FUNCTIONS(ROW)
#undef ROW
    };
    void *library = dlopen("libavformat.so." NUMBER(LIBAVFORMAT_VERSION_MAJOR),
                           RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    bool whole = library != NULL;
    for (size_t i = 0; whole && i < sizeof functions / sizeof functions[0]; i++) {
        void *function = dlsym(library, functions[i].name);
        memcpy((char *)out + functions[i].at, &function, sizeof function);
        whole = function != NULL;
    }
    if (library)
        dlclose(library);
    return whole;
}
