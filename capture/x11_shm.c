/* capture/x11_shm: System V shared memory for MIT-SHM, which a server on another machine, or
 * behind another wall, does not see. */
#define _XOPEN_SOURCE 700
#include "capture/x11_private.h"

#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

void rill_x11_shm_free(struct rill_x11 *x)
{
    struct rill_x11_shm *m = &x->shm;
    if (!m->p)
        return;
    xcb_shm_detach(x->c, m->segment);
    shmdt(m->p);
    m->p = NULL;
    m->n = 0;
}

static bool attach(struct rill_x11 *x, int id)
{
    struct rill_x11_shm *m = &x->shm;
    m->segment = xcb_generate_id(x->c);
    xcb_generic_error_t *refused =
        xcb_request_check(x->c, xcb_shm_attach_checked(x->c, m->segment, (uint32_t)id, 0));
    bool attached = !refused && !xcb_connection_has_error(x->c);
    free(refused);
    return attached;
}

bool rill_x11_shm_reserve(struct rill_x11 *x, size_t n)
{
    struct rill_x11_shm *m = &x->shm;
    if (!m->usable || n <= m->n)
        return m->usable;
    rill_x11_shm_free(x);
    int id = shmget(IPC_PRIVATE, n, IPC_CREAT | 0600);
    void *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
    m->usable = p != (void *)-1 && attach(x, id);
    /* Gone as soon as both have let go of it, even after a crash. */
    if (id >= 0)
        shmctl(id, IPC_RMID, NULL);
    if (m->usable) {
        m->p = p;
        m->n = n;
    } else if (p != (void *)-1) {
        shmdt(p);
    }
    return m->usable;
}
