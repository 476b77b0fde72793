#define _GNU_SOURCE
#include "include/thread_pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM = 256 };

static struct {
    int threads;
    pthread_once_t once;
    atomic_flag busy;
    // Counts runs; workers wait for it to change.
    _Atomic uint32_t generation;
    _Atomic uint32_t sleepers;
    // Workers that have not finished the current run.
    _Atomic uint32_t working;
    _Atomic intptr_t next;
    intptr_t count;
    tk_task task;
    void *context;
} pool = {.once = PTHREAD_ONCE_INIT, .busy = ATOMIC_FLAG_INIT};

static _Thread_local int is_inside;

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void work(void) {
    is_inside = 1;
    intptr_t index;
    while ((index = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.count)
        pool.task(pool.context, index);
    is_inside = 0;
}

// Some ten microseconds: kernels follow each other more closely than a thread wakes up.
enum { SPINS = 2000 };

static void *worker(void *unused) {
    (void)unused;
    uint32_t seen = 0;
    for (;;) {
        for (int spin = 0; spin < SPINS && atomic_load(&pool.generation) == seen; spin++) relax();
        while (atomic_load(&pool.generation) == seen) {
            atomic_fetch_add(&pool.sleepers, 1);
            futex_wait(&pool.generation, seen);
            atomic_fetch_sub(&pool.sleepers, 1);
        }
        seen = atomic_load(&pool.generation);
        work();
        if (atomic_fetch_sub(&pool.working, 1) == 1) futex_wake(&pool.working);
    }
    return NULL;
}

static void start(void) {
    if (pool.threads < 1) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        pool.threads = online > 0 ? (int)online : 1;
    }
    if (pool.threads > MAXIMUM) pool.threads = MAXIMUM;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    int started = 1;
    for (; started < pool.threads; started++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, worker, NULL) != 0) break;
    }
    pthread_attr_destroy(&attributes);
    pool.threads = started;
}

int tk_pool_start(int threads) {
    if (pool.threads == 0) pool.threads = threads;
    pthread_once(&pool.once, start);
    return pool.threads;
}

int tk_pool_thread_count(void) { return tk_pool_start(0); }

void tk_pool_run(intptr_t count, tk_task task, void *context) {
    if (count <= 0) return;
    int threads = tk_pool_start(0);
    if (threads == 1 || count == 1 || is_inside || atomic_flag_test_and_set(&pool.busy)) {
        for (intptr_t index = 0; index < count; index++) task(context, index);
        return;
    }
    pool.task = task;
    pool.context = context;
    pool.count = count;
    atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
    atomic_store(&pool.working, (uint32_t)(threads - 1));
    atomic_fetch_add(&pool.generation, 1);
    if (atomic_load(&pool.sleepers) > 0) futex_wake(&pool.generation);
    work();
    uint32_t left;
    for (int spin = 0; spin < SPINS && atomic_load(&pool.working) != 0; spin++) relax();
    while ((left = atomic_load(&pool.working)) != 0) futex_wait(&pool.working, left);
    atomic_flag_clear(&pool.busy);
}
