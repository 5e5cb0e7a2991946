# Weighted and log-scale fits of Tests/Fixtures/nonlinear/data.csv by R's nls, into nls.csv: a
# second route to inference. Run with Rscript from Tests/Fixtures/nonlinear.

data <- read.csv("data.csv")
# Run to where rounding ends it, and checked below.
control <- nls.control(tol = 1e-12, maxiter = 500, warnOnly = TRUE)
# With analytic gradients: by nls's own differences the last digits are out of reach.
saturation <- deriv(~ a * (1 - exp(-b * x)), c("a", "b"), function(a, b, x) {})
logistic <- deriv(~ log(a) + b * log(x / (1 + x)), c("a", "b"), function(a, b, x) {})
start <- list(a = 4, b = 0.5)
fits <- list(
  plain = nls(y ~ saturation(a, b, x), data, start = start, control = control),
  weighted = nls(y ~ saturation(a, b, x), data, start = start, weights = w, control = control),
  log = nls(log(y) ~ logistic(a, b, x), data, start = start, control = control))
for (fit in fits) stopifnot(fit$convInfo$finTol < 1e-7)
new <- data.frame(x = c(0.5, 3, 20))
rows <- NULL
put <- function(fit, what, value)
  rows <<- rbind(rows, data.frame(fit = fit, quantity = what, value = sprintf("%.15g", value)))
for (name in names(fits)) {
  fit <- fits[[name]]
  table <- summary(fit)$coefficients
  for (term in rownames(table)) {
    put(name, paste0("estimate_", term), table[term, 1])
    put(name, paste0("std_error_", term), table[term, 2])
    put(name, paste0("statistic_", term), table[term, 3])
    put(name, paste0("p_value_", term), table[term, 4])
  }
  put(name, "sigma", summary(fit)$sigma)
  put(name, "log_likelihood", as.numeric(logLik(fit)))
  put(name, "aic", AIC(fit))
  put(name, "bic", BIC(fit))
  # The delta method by hand: numeric gradient of the model by its parameters.
  theta <- coef(fit)
  model <- function(p, x) if (name == "log") log(p[1]) + p[2] * log(x / (1 + x)) else
    p[1] * (1 - exp(-p[2] * x))
  for (i in seq_along(new$x)) {
    x <- new$x[i]
    gradient <- if (name == "log") c(1 / theta[1], log(x / (1 + x))) else
      c(1 - exp(-theta[2] * x), theta[1] * x * exp(-theta[2] * x))
    reach <- qt(0.95, df.residual(fit)) *
      sqrt(sum(gradient * (vcov(fit) %*% gradient)) + summary(fit)$sigma^2)
    put(name, paste0("fit_", i), model(theta, x))
    put(name, paste0("lower_", i), model(theta, x) - reach)
    put(name, paste0("upper_", i), model(theta, x) + reach)
  }
}
write.csv(rows, "nls.csv", row.names = FALSE, quote = FALSE, eol = "\n")
