#pragma once

// glibc declares these only under _GNU_SOURCE, which the Glibc module does not define. The prototypes are
// those of <stdio.h>, <unistd.h> and <dirent.h>, glibc 2.28 and later.

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int renameat2(int oldDirectory, const char *oldPath, int newDirectory, const char *newPath, unsigned int flags);
int sync_file_range(int file, off_t offset, off_t count, unsigned int flags);
ssize_t copy_file_range(int input, off_t *inputOffset, int output, off_t *outputOffset, size_t length, unsigned int flags);

// <linux/fs.h>
enum {
    VOX_RENAME_NOREPLACE = 1,
    VOX_RENAME_EXCHANGE = 2,
};

// <linux/fs.h>
enum { VOX_SYNC_FILE_RANGE_WRITE = 2 };

int pipe2(int ends[2], int flags);

/// A pipe that no other program inherits, with room for `size` bytes where the system allows that. Returns 0, or the
/// negated errno.
static inline int linux_pipe(int *reading, int *writing, int size) {
    enum { SET_PIPE_SIZE = 1031 };  // F_SETPIPE_SZ of <linux/fcntl.h>
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    fcntl(ends[0], SET_PIPE_SIZE, size);
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

// The importer drops the flexible `name` member of `struct inotify_event`; its header is what is left.
enum { VOX_INOTIFY_HEADER_SIZE = sizeof(struct inotify_event) };

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

/// Opens `path` below the folder `root` with the flags of open(2), following no symbolic link at all: neither
/// in the folders on the way nor at the end. Returns a descriptor, or the negated errno; ELOOP for a link.
static inline int linux_open_below(int root, const char *path, int flags, unsigned int mode) {
    struct open_how how = {
        .flags = (unsigned long long)(unsigned int)(flags | O_CLOEXEC),
        .mode = (flags & O_CREAT) ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    long descriptor;
    // EAGAIN: the kernel could not rule out an escape because something on the way was just renamed.
    int attempts = 0;
    do {
        descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || (errno == EAGAIN && ++attempts < 100)));
    return descriptor < 0 ? -errno : (int)descriptor;
}

/// The magic number of the file system that `descriptor` lies on, as in <linux/magic.h>; 0 where unknown.
static inline unsigned int linux_file_system_type(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 ? (unsigned int)status.f_type : 0;
}
