#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include <stdint.h>

// The threads that all kernels share, the matrix products of OpenBLAS included: it runs on one thread, and we split
// its work, so that two pools never fight for the same cores.

typedef void (*tk_task)(void *context, intptr_t index);

// Runs task(context, 0 … count - 1), each index once, on all threads, and returns when all are done. A call from
// within a task, or while another caller has the threads, runs on the calling thread alone.
void tk_pool_run(intptr_t count, tk_task task, void *context);

// How many threads work at once, the caller's included.
int tk_pool_thread_count(void);

// Sets that number. Only the first call counts, and only before the first run; returns the number in force.
int tk_pool_start(int threads);

#endif
