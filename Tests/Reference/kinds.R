# Reference values of the kinds of linear fit: Rscript kinds.R, from this folder.
# R 4.2.2 with MASS, survival, sandwich, quantreg, nnls; writes ../Fixtures/kinds/{data,r}.csv.
invisible(Sys.setlocale("LC_COLLATE", "C"))
suppressMessages({library(MASS); library(survival); library(sandwich); library(quantreg)})
options(digits = 17)
set.seed(20260607)
n <- 60
d <- data.frame(
  x = round(runif(n, 1, 9), 3), z = round(rnorm(n, 50, 12), 2), v = round(rexp(n, 0.3), 3),
  f = rep(c("a", "b", "c"), length.out = n), host = rep(paste0("h", 1:8), length.out = n),
  w = rep(c(1, 2, 0.5, 3), length.out = n), stringsAsFactors = FALSE)
d$u <- round(d$x + 0.3 * rnorm(n), 3)
d$y <- round(2 + 0.8 * d$x - 0.02 * d$z + ifelse(d$f == "b", 0.5, 0) + rnorm(n, 0, 0.4 + 0.1 * d$x), 4)
d$y[c(7, 23, 41)] <- d$y[c(7, 23, 41)] + c(9, -7, 12)
d$t <- round(exp(0.4 + 0.25 * d$x - 0.01 * d$z + rnorm(n, 0, 0.5)), 4)
limit <- round(quantile(d$t, 0.7), 2)
d$status <- ifelse(d$t > limit, "timeout", "completed")
d$t <- pmin(d$t, limit)
d$left <- pmax(round(d$y - 3, 4), 0)
write.csv(d, "../Fixtures/kinds/data.csv", row.names = FALSE, quote = FALSE, eol = "\n")

out <- list()
add <- function(case, term, name, value)
  out[[length(out) + 1]] <<- data.frame(case = case, term = term, name = name, value = formatC(value, digits = 17, format = "g", width = 1))
put <- function(case, estimate, error = NULL, ...) {
  for (term in names(estimate)) {
    add(case, term, "estimate", estimate[[term]])
    if (!is.null(error)) add(case, term, "std_error", error[[term]])
  }
  rest <- list(...)
  for (name in names(rest)) add(case, "", name, rest[[name]])
}

# Ridge: MASS's estimates; GCV and the trace from the hat matrix, intercept included.
X <- model.matrix(y ~ x + u + z + v, d)
gcv <- function(lambda) {
  centred <- scale(X[, -1], TRUE, FALSE)
  s <- sqrt(colMeans(centred^2))
  A <- sweep(centred, 2, s, "/")
  H <- A %*% solve(crossprod(A) + lambda * diag(4), t(A)) + 1 / n
  r <- d$y - H %*% d$y
  c(edf = sum(diag(H)), gcv = n * sum(r^2) / (n - sum(diag(H)))^2)
}
for (lambda in c(0.01, 2.5, 40)) {
  fit <- lm.ridge(y ~ x + u + z + v, d, lambda = lambda)
  estimate <- coef(fit); names(estimate)[1] <- "(Intercept)"
  g <- gcv(lambda)
  put(paste("ridge", lambda), estimate, NULL, edf = g[["edf"]], gcv = g[["gcv"]])
}
best <- exp(optimize(function(l) gcv(exp(l))[["gcv"]], c(-10, 10), tol = 1e-12)$minimum)
put("ridge gcv", c(), NULL, lambda = best, gcv = gcv(best)[["gcv"]])

# Robust: MASS rounds the quartile to 0.6745, so that its scale differs by 1.5e-5.
for (weighted in c(FALSE, TRUE)) {
  args <- list(y ~ x + z + f, data = d, acc = 1e-13, maxit = 2000)
  if (weighted) args$weights <- d$w
  label <- if (weighted) " weighted" else ""
  huber <- do.call(rlm, args)
  s <- summary(huber)$coefficients
  put(paste0("huber", label), s[, 1], s[, 2], scale = huber$s)
  bi <- do.call(rlm, c(args, list(psi = psi.bisquare, init = coef(huber))))
  s <- summary(bi)$coefficients
  put(paste0("bisquare", label), s[, 1], s[, 2], scale = bi$s)
}
p2 <- rlm(y ~ x + z + f, data = d, scale.est = "Huber", acc = 1e-14, maxit = 5000)
put("huber proposal 2", coef(p2), NULL, scale = p2$s)

for (tau in c(0.13, 0.53, 0.87)) {
  fit <- rq(y ~ x + z + f, tau = tau, data = d)
  s <- summary(fit, se = "ker")$coefficients
  put(paste("quantile", tau), s[, 1], s[, 2], objective = fit$rho, log_likelihood = as.numeric(logLik(fit)),
      aic = AIC(fit), bic = AIC(fit, k = log(n)))
}
fit <- rq(y ~ x + z, tau = 0.7, data = d, weights = w)
put("quantile weighted", coef(fit), NULL)

for (weighted in c(FALSE, TRUE)) {
  fit <- if (weighted) lm(y ~ x + z + f, d, weights = w) else lm(y ~ x + z + f, d)
  label <- if (weighted) " weighted" else ""
  for (kind in c("HC0", "HC1", "HC2", "HC3"))
    put(paste0(kind, label), coef(fit), sqrt(diag(vcovHC(fit, type = kind))))
  put(paste0("cluster", label), coef(fit), sqrt(diag(vcovCL(fit, cluster = d$host, type = "HC1"))))
}

tobit <- function(case, fit) {
  s <- summary(fit)$table
  last <- nrow(s)
  put(case, s[-last, 1], s[-last, 2], sigma = fit$scale, log_sigma_std_error = s[last, 2],
      log_likelihood = fit$loglik[2])
}
precise <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
tobit("tobit right", survreg(Surv(log(t), status == "completed") ~ x + z, d, dist = "gaussian", control = precise))
tobit("tobit left", survreg(Surv(left, left > 0, type = "left") ~ x + z + f, d, dist = "gaussian", control = precise))
tobit("tobit weighted", survreg(Surv(log(t), status == "completed") ~ x + z, d, weights = w, dist = "gaussian", control = precise))

fit <- nnls::nnls(model.matrix(~ 0 + x + z + v + u, d), d$y)
put("nnls", setNames(fit$x, c("x", "z", "v", "u")), NULL, rss = fit$deviance)

# x + u = 1 by substitution: y - u = intercept + x (X - U) + z Z.
fit <- lm(I(y - u) ~ I(x - u) + z, d)
s <- summary(fit)$coefficients
put("constrained", c(s[1:3, 1], 1 - s[2, 1]) |> setNames(c("(Intercept)", "x", "z", "u")),
    c(s[1:3, 2], s[2, 2]) |> setNames(c("(Intercept)", "x", "z", "u")), rss = deviance(fit))

# Selection: every admissible subset by lm, and step( ) with the penalty of BIC.
full <- y ~ x * z + v + f + x:v
terms <- attr(terms(full), "term.labels")
factors <- attr(terms(full), "factors")
rows <- list()
for (set in 0:(2^length(terms) - 1)) {
  kept <- terms[bitwAnd(set, 2^(seq_along(terms) - 1)) > 0]
  inside <- function(a, b) all(strsplit(a, ":")[[1]] %in% strsplit(b, ":")[[1]])
  ok <- all(vapply(kept, function(b) all(vapply(terms, function(a) a == b || !inside(a, b) || a %in% kept, TRUE)), TRUE))
  if (!ok) next
  fit <- lm(reformulate(if (length(kept)) kept else "1", "y"), d)
  k <- fit$rank + 1
  rows[[length(rows) + 1]] <- data.frame(
    model = paste(kept, collapse = " + "), bic = BIC(fit), aicc = AIC(fit) + 2 * k * (k + 1) / (n - k - 1))
}
rows <- do.call(rbind, rows)
for (name in c("bic", "aicc")) {
  order <- order(rows[[name]])[1:5]
  for (place in 1:5) add(paste("exhaustive", name), rows$model[order[place]], as.character(place), rows[[name]][order[place]])
}
lower <- lm(y ~ 1, d)
upper <- lm(full, d)
for (direction in c("forward", "backward", "both")) {
  fit <- step(if (direction == "forward") lower else upper, scope = list(lower = ~ 1, upper = full),
              direction = direction, k = log(n), trace = 0)
  add(paste("step", direction), paste(sort(attr(terms(fit), "term.labels")), collapse = " + "), "bic", BIC(fit))
}
frame <- do.call(rbind, out)
write.csv(frame, "../Fixtures/kinds/r.csv", row.names = FALSE, quote = FALSE, eol = "\n")
