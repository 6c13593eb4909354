/* The simulation of aiecon/kernels/simulation.py in C: the same blocks, polynomials and random numbers. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 64
#define EACH for (int i = 0; i < LANES; i++)
enum {
    USERS, GROWTH, INVERSE_CEILING, CEILING, INNOVATION, STAY, VIRAL, VIRAL_TIMES, REQUESTS, AMPLITUDE, SIGMA, AR1, SHOCK,
    SHOCK_TIMES, DECLINE, SWITCH, OUTPUT_TIMES, PRICE_TIMES, MIGRATION, DEPTH, SPREAD,
    LOOSE_SPREAD, LOOSE_IN, LOOSE_OUT, N_PARAMS
};
typedef double row[LANES];

static inline void uniforms(row *u, uint64_t first, uint32_t period, uint32_t slot, uint32_t k0, uint32_t k1)
{
    EACH {
        uint32_t w0 = (uint32_t)(first + i), w1 = (uint32_t)((first + i) >> 32), w2 = period, w3 = slot, a = k0, b = k1;
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (uint64_t)w0 * 0xD2511F53u, p1 = (uint64_t)w2 * 0xCD9E8D57u;
            w0 = (uint32_t)(p1 >> 32) ^ w1 ^ a;
            w1 = (uint32_t)p1;
            w2 = (uint32_t)(p0 >> 32) ^ w3 ^ b;
            w3 = (uint32_t)p0;
            a += 0x9E3779B9u;
            b += 0xBB67AE85u;
        }
        uint32_t word[4] = {w0, w1, w2, w3};
        for (int j = 0; j < 4; j++) {
            uint64_t bits = word[j] | 0x4330000000000000u;
            double x;
            memcpy(&x, &bits, 8);
            u[j][i] = (x - (0x1p52 - 0.5)) * 0x1p-32;
        }
    }
}

static inline double exp_(double x)
{
    x = x > 700.0 ? 700.0 : x;
    x = x < -700.0 ? -700.0 : x;
    double t = x * 1.4426950408889634 + 6755399441055744.0, n = t - 6755399441055744.0, p, two;
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    uint64_t bits;
    p = 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    memcpy(&bits, &t, 8);
    bits = (bits + 1023) << 52;
    memcpy(&two, &bits, 8);
    return two * p;
}

static inline double log_(double x)
{
    uint64_t bits, high, low;
    double m, e, f, q, p;
    memcpy(&bits, &x, 8);
    high = (bits >> 52) | 0x4330000000000000u;
    low = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    memcpy(&e, &high, 8);
    memcpy(&m, &low, 8);
    e -= 0x1p52 + 1023.0;
    int big = m > 1.4142135623730951;
    m = big ? 0.5 * m : m;
    e = big ? e + 1.0 : e;
    f = (m - 1.0) / (m + 1.0);
    q = f * f;
    p = 1.0 / 11.0;
    p = p * q + 1.0 / 9.0;
    p = p * q + 1.0 / 7.0;
    p = p * q + 1.0 / 5.0;
    p = p * q + 1.0 / 3.0;
    return e * 0.6931471805599453 + 2.0 * f * (1.0 + q * p);
}

static inline void normals(const double *first, const double *second, double *cosine, double *sine)
{
    EACH {
        double radius = sqrt(-2.0 * log_(first[i])), v = 4.0 * second[i], k = floor(v + 0.5);
        double a = (v - k) * 1.5707963267948966, q = a * a, c, d;
        c = -1.0 / 3628800.0;
        c = c * q + 1.0 / 40320.0;
        c = c * q - 1.0 / 720.0;
        c = c * q + 1.0 / 24.0;
        c = c * q - 0.5;
        c = c * q + 1.0;
        d = -1.0 / 39916800.0;
        d = d * q + 1.0 / 362880.0;
        d = d * q - 1.0 / 5040.0;
        d = d * q + 1.0 / 120.0;
        d = d * q - 1.0 / 6.0;
        d = a * (d * q + 1.0);
        int odd = (k == 1.0) | (k == 3.0);
        double x = odd ? d : c, y = odd ? c : d;
        x = (k == 1.0) | (k == 2.0) ? -x : x;
        y = (k == 2.0) | (k == 3.0) ? -y : y;
        cosine[i] = radius * x;
        sine[i] = radius * y;
    }
}

/* Random numbers alone: the two draws of every path and period and their normals; returns a sum so that they stay. */
double numbers(long n, long periods, uint64_t first, uint32_t k0, uint32_t k1)
{
    row w[4], e[4], z[4];
    double sum = 0.0;
    for (long start = 0; start < n; start += LANES)
        for (long t = 0; t < periods; t++) {
            uniforms(w, first + start, t, 0, k0, k1);
            normals(w[0], w[1], z[0], z[1]);
            normals(w[2], w[3], z[2], z[3]);
            uniforms(e, first + start, t, 1, k0, k1);
            sum += z[0][5] + z[1][6] + z[2][7] + e[0][1] + e[1][2] + e[2][3];
        }
    return sum;
}

void simulate(const double *params, long n, long tiers, const double *season, const double *listed, const long *month,
              long periods, uint64_t first, uint32_t k0, uint32_t k1, double *out)
{
    row w[4], e[4], z[4], u, ar, length, price, decline, cost, h, requests, once, fresh, in, written, enough;
    for (long start = 0; start < n; start += LANES) {
        const double *p[N_PARAMS + 2 * tiers];
        for (long r = 0; r < N_PARAMS + 2 * tiers; r++)
            p[r] = params + r * n + start;
        EACH {
            u[i] = p[USERS][i] < p[CEILING][i] ? p[USERS][i] : p[CEILING][i];
            length[i] = price[i] = decline[i] = 1.0;
            ar[i] = 0.0;
            fresh[i] = p[SIGMA][i] * sqrt(1.0 - p[AR1][i] * p[AR1][i]);
            double a = 6.8 * fabs(sqrt(p[LOOSE_SPREAD][i]) - sqrt(p[SPREAD][i]));
            double b = fabs(p[LOOSE_SPREAD][i] - p[SPREAD][i]);
            double ratio = p[LOOSE_IN][i] < p[LOOSE_OUT][i] ? p[LOOSE_IN][i] : p[LOOSE_OUT][i];
            double lift = 2.0 * (ratio - 1.0) / (ratio + 1.0);
            double root = (a + sqrt(a * a + 2.0 * b * lift)) / (2.0 * (lift > 1e-6 ? lift : 1e-6));
            enough[i] = p[LOOSE_SPREAD][i] == p[SPREAD][i] ? 0.0 : lift >= 1e-6 ? root * root : INFINITY;
        }
        for (long t = 0; t < periods; t++) {
            double *restrict total = out + month[t] * n + start;
            uniforms(w, first + start, t, 0, k0, k1);
            normals(w[0], w[1], z[0], z[1]);
            normals(w[2], w[3], z[2], z[3]);
            uniforms(e, first + start, t, 1, k0, k1);
            EACH {
                double sigma = p[SIGMA][i], x = p[AR1][i] * ar[i] + fresh[i] * z[2][i];
                ar[i] = t == 0 ? sigma * z[2][i] : x;
                h[i] = exp_(ar[i] - 0.5 * sigma * sigma);
            }
            if (t > 0)
                EACH {
                    double one = u[i], g = p[GROWTH][i];
                    one = one * (1.0 + g) / (1.0 + one * g * p[INVERSE_CEILING][i]);
                    one += p[INNOVATION][i] * (p[CEILING][i] - one);
                    one *= p[STAY][i];
                    one = e[0][i] < p[VIRAL][i] ? one * p[VIRAL_TIMES][i] : one;
                    u[i] = one < p[CEILING][i] ? one : p[CEILING][i];
                    decline[i] *= p[DECLINE][i];
                    int moved = e[2][i] < p[SWITCH][i];
                    length[i] *= moved ? p[OUTPUT_TIMES][i] : 1.0;
                    price[i] *= moved ? p[PRICE_TIMES][i] : 1.0;
                    once[i] = moved ? p[MIGRATION][i] : 0.0;
                }
            else
                memset(once, 0, sizeof once);
            EACH {
                double use = h[i] * (e[1][i] < p[SHOCK][i] ? p[SHOCK_TIMES][i] : 1.0);
                use *= 1.0 + p[AMPLITUDE][i] * season[t];
                requests[i] = u[i] * p[REQUESTS][i] * use;
            }
            int stepped = t == 0;
            for (long tier = 0; tier < tiers; tier++)
                stepped = stepped || listed[t * tiers + tier] != listed[(t - 1) * tiers + tier];
            if (stepped) {
                EACH in[i] = written[i] = 0.0;
                for (long tier = 0; tier < tiers; tier++) {
                    const double *per_in = p[N_PARAMS + 2 * tier], *per_out = p[N_PARAMS + 2 * tier + 1];
                    double now = listed[t * tiers + tier];
                    EACH in[i] += now * per_in[i];
                    EACH written[i] += now * per_out[i];
                }
            }
            EACH cost[i] = in[i] + written[i] * length[i];
            int binds = 0;
            EACH {
                double n = requests[i] > 1e-300 ? requests[i] : 1e-300, spread = p[SPREAD][i] / n;
                double v = log_(1.0 + (spread < 1e12 ? spread : 1e12)), depth = p[DEPTH][i];
                h[i] = exp_((sqrt(v) * z[0][i] - 0.5 * v) + (depth * z[1][i] - 0.5 * depth * depth)) * cost[i];
                binds |= requests[i] < enough[i];
            }
            if (binds)
                EACH {
                    double n = requests[i] > 1e-300 ? requests[i] : 1e-300, loose = p[LOOSE_SPREAD][i] / n;
                    double v = log_(1.0 + (loose < 1e12 ? loose : 1e12)), depth = p[DEPTH][i];
                    double more = exp_((sqrt(v) * z[0][i] - 0.5 * v) + (depth * z[1][i] - 0.5 * depth * depth));
                    more *= p[LOOSE_IN][i] * in[i] + p[LOOSE_OUT][i] * written[i] * length[i];
                    h[i] = h[i] < more ? h[i] : more;
                }
            EACH total[i] += h[i] * (requests[i] * (decline[i] * price[i])) + once[i];
        }
    }
}
