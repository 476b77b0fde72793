// A link between two network namespaces that delays every packet and loses some, for kernels without netem.
//
//     lossy_link NAMESPACE_A NAMESPACE_B DELAY_MS LOSS_PERCENT
//
// Opens a TUN device in each namespace ("ta" and "tb") and carries packets between them. DELAY_MS is for one
// direction. Runs until it is killed; needs root.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE_LENGTH = 1 << 16, PACKET_SIZE = 2048 };

struct packet {
    double due;
    int length;
    char bytes[PACKET_SIZE];
};

struct direction {
    int input, output;
    struct packet *queue;
    unsigned head, tail;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
};

static double delay_seconds, loss_percent;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int open_device(const char *namespace, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", namespace);
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0 || setns(descriptor, CLONE_NEWNET) != 0) {
        fprintf(stderr, "%s: cannot enter the namespace: %s\n", path, strerror(errno));
        exit(1);
    }
    close(descriptor);
    int device = open("/dev/net/tun", O_RDWR);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
        fprintf(stderr, "/dev/net/tun: cannot make %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return device;
}

static void *receive(void *argument) {
    struct direction *way = argument;
    unsigned seed = (unsigned)way->input;
    char bytes[PACKET_SIZE];
    for (;;) {
        int length = (int)read(way->input, bytes, sizeof bytes);
        if (length <= 0 || rand_r(&seed) / (double)RAND_MAX * 100 < loss_percent) continue;
        pthread_mutex_lock(&way->lock);
        if (way->head - way->tail < QUEUE_LENGTH) {
            struct packet *packet = &way->queue[way->head++ % QUEUE_LENGTH];
            packet->due = now() + delay_seconds;
            packet->length = length;
            memcpy(packet->bytes, bytes, (size_t)length);
            pthread_cond_signal(&way->arrived);
        }
        pthread_mutex_unlock(&way->lock);
    }
}

static void *deliver(void *argument) {
    struct direction *way = argument;
    for (;;) {
        pthread_mutex_lock(&way->lock);
        while (way->head == way->tail) pthread_cond_wait(&way->arrived, &way->lock);
        struct packet *packet = &way->queue[way->tail % QUEUE_LENGTH];
        pthread_mutex_unlock(&way->lock);
        double rest = packet->due - now();
        if (rest > 0) {
            struct timespec pause = {(time_t)rest, (long)((rest - (double)(time_t)rest) * 1e9)};
            nanosleep(&pause, NULL);
        }
        if (write(way->output, packet->bytes, (size_t)packet->length) < 0 && errno == EBADF) return NULL;
        pthread_mutex_lock(&way->lock);
        way->tail++;
        pthread_mutex_unlock(&way->lock);
    }
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: lossy_link NAMESPACE_A NAMESPACE_B DELAY_MS LOSS_PERCENT\n");
        return 2;
    }
    int first = open_device(words[1], "ta"), second = open_device(words[2], "tb");
    delay_seconds = atof(words[3]) / 1000;
    loss_percent = atof(words[4]);
    struct direction ways[2] = {{.input = first, .output = second}, {.input = second, .output = first}};
    for (int i = 0; i < 2; i++) {
        ways[i].queue = malloc(sizeof(struct packet) * QUEUE_LENGTH);
        if (!ways[i].queue) return 1;
        pthread_mutex_init(&ways[i].lock, NULL);
        pthread_cond_init(&ways[i].arrived, NULL);
        pthread_t thread;
        pthread_create(&thread, NULL, receive, &ways[i]);
        pthread_create(&thread, NULL, deliver, &ways[i]);
    }
    puts("ready");
    fflush(stdout);
    for (;;) pause();
}
