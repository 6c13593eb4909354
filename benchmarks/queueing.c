/* The requests of aiecon/kernels/queueing.py in C: the same heap of the moments at which servers become free. */
#include <stdlib.h>

void waits(const double *arrival, const double *service, long count, long servers, double *waited)
{
    double *at = malloc(servers * sizeof(double));
    for (long i = 0; i < servers; i++)
        at[i] = arrival[0];
    for (long i = 0; i < count; i++) {
        double start = at[0] > arrival[i] ? at[0] : arrival[i], done = start + service[i];
        long place = 0, child;
        waited[i] = start - arrival[i];
        while ((child = 2 * place + 1) < servers) {
            if (child + 1 < servers && at[child + 1] < at[child])
                child++;
            if (at[child] >= done)
                break;
            at[place] = at[child];
            place = child;
        }
        at[place] = done;
    }
    free(at);
}
