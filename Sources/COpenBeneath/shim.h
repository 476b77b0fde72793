#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

// syscall(2) is variadic, which Swift cannot call, and glibc has no wrapper for openat2(2) before 2.42.

/// Opens `path` below the folder `root` to be read. The kernel refuses any way out of it: `..`, absolute
/// paths, links that point outside, magic links. Returns a descriptor, or the negated errno.
static inline int linux_open_beneath(int root, const char *path) {
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    return descriptor < 0 ? -errno : (int)descriptor;
}
