#include "include/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *library;
static __typeof__(&cblas_sgemm) sgemm;
static __typeof__(&openblas_get_corename) core_name;

// The oldest kernels that use what the processor has; NULL where OpenBLAS's own choice stands.
static const char *wanted_core(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
        return "SKYLAKEX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "HASWELL";
#endif
    return NULL;
}

static int uses_wide_vectors(const char *core) {
    static const char *const wide[] = {"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "Sapphirerapids"};
    for (size_t index = 0; index < sizeof wide / sizeof *wide; index++)
        if (strcasecmp(core, wide[index]) == 0) return 1;
    return 0;
}

static int open_library(char *reason, size_t capacity) {
    library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(reason, capacity, "%s; on Debian: apt-get install libopenblas0-pthread", dlerror());
        return -1;
    }
    sgemm = (__typeof__(sgemm))dlsym(library, "cblas_sgemm");
    core_name = (__typeof__(core_name))dlsym(library, "openblas_get_corename");
    __typeof__(&openblas_set_num_threads) set_thread_count =
        (__typeof__(set_thread_count))dlsym(library, "openblas_set_num_threads");
    if (!sgemm || !core_name || !set_thread_count) {
        snprintf(reason, capacity, "libopenblas.so.0 lacks cblas_sgemm; install libopenblas0-pthread, not another BLAS");
        return -1;
    }
    // One thread: products are split by the pool that all kernels share.
    set_thread_count(1);
    return 0;
}

int tk_blas_load(char *reason, size_t capacity) {
    if (open_library(reason, capacity) != 0) return -1;
    const char *wanted = getenv("OPENBLAS_CORETYPE") ? NULL : wanted_core();
    if (!wanted || uses_wide_vectors(core_name())) return 0;
    // The choice is made while the library is loaded, and only the environment can change it.
    dlclose(library);
    setenv("OPENBLAS_CORETYPE", wanted, 1);
    int status = open_library(reason, capacity);
    unsetenv("OPENBLAS_CORETYPE");
    return status;
}

const char *tk_blas_core(void) { return core_name ? core_name() : ""; }

void tk_sgemm(int left_transposed, int right_transposed, int rows, int columns, int depth, float scale,
              const float *left, int left_ld, const float *right, int right_ld, float keep, float *result,
              int result_ld) {
    sgemm(CblasRowMajor, left_transposed ? CblasTrans : CblasNoTrans, right_transposed ? CblasTrans : CblasNoTrans, rows,
          columns, depth, scale, left, left_ld, right, right_ld, keep, result, result_ld);
}
