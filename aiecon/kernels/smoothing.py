"""Exponential and complex exponential smoothing: filtering, fitting and forecasting in compiled loops.

Additive exponential smoothing in innovations form (Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential
Smoothing", 2008, chapter 3), trend damped by phi, season of m periods:

    y_t = l + phi b + s + e,   l' = l + phi b + alpha e,   b' = phi b + beta e,   s' = s + gamma e

Complex exponential smoothing (Svetunkov, Kourentzes and Ord 2022, equation 11), complex weight a0 + i a1:

    y_t = l + e,   l' = l - (1 - a1) c + (a0 - a1) e,   c' = l + (1 - a0) c + (a0 + a1) e

Both are linear in their first states, which are therefore found by least squares for each trial of the weights, and the
weights by the simplex of Nelder and Mead (1965). A missing value (NaN) leaves no error and moves no state.
"""

import numpy as np
from numba import njit

_REACH = 9.0  # of the transformed weights: 1 / (1 + exp(-9)) is 0.9999
_START = 1.5  # edge of the first simplex
_SAME = 1e-6  # relative spread of the simplex at which it has converged
_DAMPED_FROM, _DAMPED_BY = 0.8, 0.18  # phi lies between 0.80 and 0.98
_RIDGE = 1e-10  # keeps first states apart that the values cannot tell apart


@njit(cache=True)
def smooth(y, m, weights, level, slope, season, errors):
    """Run the filter over y: `errors` and `season` are filled in, level and slope come back as they end.

    Shapes: y and errors (n,), weights (4,) = alpha, beta, gamma, phi, season (m,) with phase 0 at y[0].
    """
    alpha, beta, gamma, phi = weights
    for t in range(len(y)):
        phase = t % m
        error = y[t] - level - phi * slope - season[phase]
        if np.isnan(error):
            error = 0.0
        errors[t] = error
        level, slope = level + phi * slope + alpha * error, phi * slope + beta * error
        season[phase] += gamma * error
    return level, slope


@njit(cache=True)
def complex_smooth(y, weights, level, potential, errors):
    """Run the complex filter over y: `errors` is filled in, both states come back as they end."""
    a0, a1 = weights
    for t in range(len(y)):
        error = y[t] - level
        if np.isnan(error):
            error = 0.0
        errors[t] = error
        level, potential = (
            level - (1 - a1) * potential + (a0 - a1) * error,
            level + (1 - a0) * potential + (a0 + a1) * error,
        )
    return level, potential


@njit(cache=True)
def _is_stable(a0, a1):
    """The region in which complex smoothing forgets its past (Svetunkov et al. 2022, figure 2)."""
    return (
        (a0 - 2.5) ** 2 + a1**2 > 1.25
        and (a0 - 0.5) ** 2 + (a1 - 1) ** 2 > 0.25
        and (a0 - 1.5) ** 2 + (a1 - 0.5) ** 2 < 1.5
    )


@njit(cache=True)
def _weights(trial, has_trend, has_season):
    """Smoothing weights of a trial point, all within their bounds whatever the point."""
    alpha = 0.0001 + 0.9998 / (1 + np.exp(-trial[0]))
    beta, gamma, phi = 0.0, 0.0, 1.0
    if has_trend:
        beta = alpha / (1 + np.exp(-trial[1]))
        phi = _DAMPED_FROM + _DAMPED_BY / (1 + np.exp(-trial[2]))
    if has_season:
        gamma = (1 - alpha) / (1 + np.exp(-trial[len(trial) - 1]))
    return np.array([alpha, beta, gamma, phi])


@njit(cache=True)
def _states(y, m, is_complex, has_trend, has_season, weights, errors, response):
    """First states by least squares and the sum of squared errors they leave; `errors` is filled in.

    `response` (k, n) is scratch: how the errors answer to each first state.
    """
    n = len(y)
    k = 2 if is_complex else 1 + (1 if has_trend else 0) + (m - 1 if has_season else 0)
    season = np.zeros(m)
    nothing = np.where(np.isnan(y), np.nan, 0.0)
    if is_complex:
        complex_smooth(y, weights, 0.0, 0.0, errors)
        complex_smooth(nothing, weights, 1.0, 0.0, response[0])
        complex_smooth(nothing, weights, 0.0, 1.0, response[1])
    else:
        smooth(y, m, weights, 0.0, 0.0, season, errors)
        for state in range(k):
            season[:] = 0.0
            level = 1.0 if state == 0 else 0.0
            slope = 1.0 if has_trend and state == 1 else 0.0
            if level == 0.0 and slope == 0.0:
                season[state - k + m - 1] = 1.0
                season[m - 1] = -1.0
            smooth(nothing, m, weights, level, slope, season, response[state])
    square, against = np.zeros((k, k)), np.zeros(k)
    for t in range(n):
        if not np.isnan(y[t]):
            for i in range(k):
                against[i] -= response[i, t] * errors[t]
                for j in range(i + 1):
                    square[i, j] += response[i, t] * response[j, t]
    for i in range(k):
        for j in range(i):
            square[j, i] = square[i, j]
        square[i, i] = square[i, i] * (1 + _RIDGE) + 1e-12
    states = np.linalg.solve(square, against)
    total = 0.0
    for t in range(n):
        if np.isnan(y[t]):
            errors[t] = 0.0
        else:
            for i in range(k):
                errors[t] += response[i, t] * states[i]
            total += errors[t] ** 2
    return total, states


@njit(cache=True)
def _trial(y, m, is_complex, has_trend, has_season, point, errors, response):
    """Sum of squared errors at a trial point; infinite where the weights are not allowed."""
    if is_complex:
        if not _is_stable(point[0], point[1]):
            return np.inf
        weights = point
    else:
        weights = _weights(point, has_trend, has_season)
    return _states(y, m, is_complex, has_trend, has_season, weights, errors, response)[0]


@njit(cache=True)
def _bounded(point, is_complex):
    return point if is_complex else np.minimum(np.maximum(point, -_REACH), _REACH)


@njit(cache=True)
def _simplex(y, m, is_complex, has_trend, has_season, corners, steps, errors, response):
    """Best corner after Nelder and Mead's search from the given corners (d + 1, d)."""
    d = corners.shape[1]
    values = np.empty(d + 1)
    for i in range(d + 1):
        values[i] = _trial(y, m, is_complex, has_trend, has_season, corners[i], errors, response)
    for _ in range(steps):
        order = np.argsort(values)
        corners, values = corners[order], values[order]
        if not values[d] - values[0] > _SAME * abs(values[0]):
            break
        centre = np.zeros(d)
        for i in range(d):
            centre += corners[i] / d
        reflected = _bounded(2 * centre - corners[d], is_complex)
        at_reflected = _trial(y, m, is_complex, has_trend, has_season, reflected, errors, response)
        if at_reflected < values[0]:
            further = _bounded(3 * centre - 2 * corners[d], is_complex)
            at_further = _trial(y, m, is_complex, has_trend, has_season, further, errors, response)
            if at_further < at_reflected:
                corners[d], values[d] = further, at_further
            else:
                corners[d], values[d] = reflected, at_reflected
        elif at_reflected < values[d - 1]:
            corners[d], values[d] = reflected, at_reflected
        else:
            side = reflected if at_reflected < values[d] else corners[d]
            nearer = 0.5 * (centre + side)
            at_nearer = _trial(y, m, is_complex, has_trend, has_season, nearer, errors, response)
            if at_nearer < min(at_reflected, values[d]):
                corners[d], values[d] = nearer, at_nearer
            else:
                for i in range(1, d + 1):
                    corners[i] = 0.5 * (corners[0] + corners[i])
                    values[i] = _trial(y, m, is_complex, has_trend, has_season, corners[i], errors, response)
    return corners[np.argmin(values)].copy()


@njit(cache=True)
def fit_smoothing(y, m, has_trend, has_season, steps=150):
    """Fit additive exponential smoothing with a damped trend or none, a season of m periods or none.

    Shapes: y (n,). Returns the sum of squared errors, weights (4,) = alpha, beta, gamma, phi, first states (level,
    slope when there is a trend, m - 1 seasonal ones when there is a season) and the errors (n,).
    """
    d = 1 + (2 if has_trend else 0) + (1 if has_season else 0)
    start = np.full(d, -2.0)
    start[0] = 0.0
    if has_trend:
        start[2] = 1.0
    corners = np.empty((d + 1, d))
    for i in range(d + 1):
        corners[i] = start
        if i > 0:
            corners[i, i - 1] += _START
    errors, response = np.empty(len(y)), np.empty((1 + m, len(y)))
    best = _simplex(y, m, False, has_trend, has_season, corners, steps, errors, response)
    weights = _weights(best, has_trend, has_season)
    total, states = _states(y, m, False, has_trend, has_season, weights, errors, response)
    return total, weights, states, errors


@njit(cache=True)
def project_smoothing(y, m, has_trend, has_season, weights, states, horizon):
    """Forecasts after y, and what an error of one in the first of them adds to each; shapes (horizon,)."""
    season = np.zeros(m)
    slope = states[1] if has_trend else 0.0
    if has_season:
        for i in range(m - 1):
            season[i] = states[len(states) - m + 1 + i]
            season[m - 1] -= season[i]
    level, slope = smooth(y, m, weights, states[0], slope, season, np.empty(len(y)))
    alpha, beta, gamma, phi = weights
    path, answer = np.empty(horizon), np.ones(horizon)
    answer_level, answer_slope = alpha, beta
    for step in range(horizon):
        level, slope = level + phi * slope, phi * slope
        path[step] = level + season[(len(y) + step) % m]
        if step > 0:
            answer_level, answer_slope = answer_level + phi * answer_slope, phi * answer_slope
            answer[step] = answer_level + (gamma if step % m == 0 else 0.0)
    return path, answer


@njit(cache=True)
def fit_complex(y, steps=200):
    """Fit complex exponential smoothing; returns the sum of squared errors, weights (2,), first states (2,), errors."""
    corners = np.array([[1.3, 1.0], [1.0, 1.0], [1.3, 0.9]])
    errors, response = np.empty(len(y)), np.empty((2, len(y)))
    weights = _simplex(y, 1, True, False, False, corners, steps, errors, response)
    total, states = _states(y, 1, True, False, False, weights, errors, response)
    return total, weights, states, errors


@njit(cache=True)
def project_complex(y, weights, states, horizon):
    """Forecasts after y, and what an error of one in the first of them adds to each; shapes (horizon,)."""
    a0, a1 = weights
    level, potential = complex_smooth(y, weights, states[0], states[1], np.empty(len(y)))
    path, answer = np.empty(horizon), np.ones(horizon)
    answer_level, answer_potential = a0 - a1, a0 + a1
    for step in range(horizon):
        path[step] = level
        level, potential = level - (1 - a1) * potential, level + (1 - a0) * potential
        if step > 0:
            answer[step] = answer_level
            answer_level, answer_potential = (
                answer_level - (1 - a1) * answer_potential,
                answer_level + (1 - a0) * answer_potential,
            )
    return path, answer
