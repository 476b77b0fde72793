#pragma once

// glibc declares these only under _GNU_SOURCE, which the Glibc module does not define. The prototypes are
// those of <stdio.h>, <unistd.h> and <dirent.h>, glibc 2.28 and later.

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/types.h>

int renameat2(int oldDirectory, const char *oldPath, int newDirectory, const char *newPath, unsigned int flags);
ssize_t copy_file_range(int input, off_t *inputOffset, int output, off_t *outputOffset, size_t length, unsigned int flags);

// <linux/fs.h>
enum {
    VOX_RENAME_NOREPLACE = 1,
    VOX_RENAME_EXCHANGE = 2,
};

// The importer drops the flexible `name` member of `struct inotify_event`; its header is what is left.
enum { VOX_INOTIFY_HEADER_SIZE = sizeof(struct inotify_event) };
