# Writes Tests/Fixtures/validation/r.csv and bootstrap.csv: Rscript validation.R, in this folder.
# R 4.2.2 with boot, car and lmtest; reads Tests/Fixtures/regression/data.csv.
suppressMessages({library(boot); library(car); library(lmtest)})
invisible(Sys.setlocale("LC_COLLATE", "C"))
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
data <- read.csv("../Fixtures/regression/data.csv", na.strings = "")
out <- data.frame(case = character(), kind = character(), name = character(), row = character(),
  value = character())
put <- function(case, kind, name, value, row = "") {
  out <<- rbind(out, data.frame(case = case, kind = kind, name = name, row = as.character(row),
    value = number(as.numeric(value)), stringsAsFactors = FALSE))
}
formulas <- c(
  "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s + technique",
  "total_time_s ~ memory_bytes + bandwidth_bytes_per_s + dirty_rate_bytes_per_s + vcpus",
  "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s | w",
  "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) * technique + workload")
for (text in formulas) {
  weighted <- grepl(" \\| w$", text)
  formula <- as.formula(sub(" \\| w$", "", text))
  frame <- data
  if (weighted) frame <- frame[frame$w > 0, ]
  frame <- frame[complete.cases(frame[, intersect(names(frame), all.vars(formula))]), ]
  fit <- if (weighted) lm(formula, frame, weights = w) else lm(formula, frame)
  label <- as.integer(rownames(frame))
  put(text, "influence", "hat", hatvalues(fit), label)
  put(text, "influence", "std_resid", rstandard(fit), label)
  put(text, "influence", "student_resid", rstudent(fit), label)
  put(text, "influence", "cooks_d", cooks.distance(fit), label)
  put(text, "influence", "dffits", dffits(fit), label)
  put(text, "influence", "cov_ratio", covratio(fit), label)
  betas <- dfbetas(fit)
  changes <- dfbeta(fit)
  for (term in colnames(betas)) {
    put(text, "dfbetas", term, betas[, term], label)
    put(text, "dfbeta", term, changes[, term], label)
  }
  inflation <- vif(fit, type = "terms")
  if (is.matrix(inflation)) {
    for (term in rownames(inflation)) {
      put(text, "vif", gsub("/", "/", term), inflation[term, 1])
    }
  } else for (term in names(inflation)) put(text, "vif", term, inflation[term])
  if (!weighted) {
    bp <- bptest(fit)
    put(text, "test", "breusch_pagan", c(bp$statistic, bp$parameter, bp$p.value),
      c("statistic", "df", "p_value"))
    re <- resettest(fit, power = 2:3, type = "fitted")
    put(text, "test", "reset", c(re$statistic, re$parameter, re$p.value),
      c("statistic", "df", "df_residual", "p_value"))
    dw <- dwtest(fit, alternative = "two.sided", exact = FALSE)
    put(text, "test", "durbin_watson", c(dw$statistic, dw$p.value), c("statistic", "p_value"))
    ot <- outlierTest(fit, cutoff = Inf, n.max = 1)
    put(text, "test", "outlier", c(ot$rstudent, min(ot$p * nrow(frame), 1)),
      c("statistic", "p_value"))
  }
  # The model without its last term.
  last <- tail(attr(terms(fit), "term.labels"), 1)
  smaller <- update(fit, paste(". ~ . -", last))
  put(text, "smaller", deparse(formula(smaller), width.cutoff = 500), 0)
  test <- anova(smaller, fit)
  put(text, "test", "nested_f", c(test$F[2], test$Df[2], test$Res.Df[2], test$`Pr(>F)`[2]),
    c("statistic", "df", "df_residual", "p_value"))
  lr <- lrtest(smaller, fit)
  put(text, "test", "likelihood_ratio", c(lr$Chisq[2], lr$Df[2], lr$`Pr(>Chisq)`[2]),
    c("statistic", "df", "p_value"))
  names <- tail(names(coef(fit)), 2)
  # Coefficients in units of their standard errors, or near: else one hypothesis hides the other.
  unit <- 10^round(-log10(sqrt(diag(vcov(fit)))[names]))
  wald <- linearHypothesis(fit, matrix(
    c(rep(0, length(coef(fit)) - 2), unit[1], 0, rep(0, length(coef(fit)) - 2), -unit[1], 2 * unit[2]),
    nrow = 2, byrow = TRUE), c(0.1, 0))
  put(text, "unit", names, unit)
  put(text, "wald", paste(names, collapse = "|"), c(wald$F[2], wald$`Pr(>F)`[2]),
    c("statistic", "p_value"))
}
write.csv(out, "../Fixtures/validation/r.csv", row.names = FALSE, quote = 1:3, eol = "\n")

# boot.ci on given replicates: a skewed statistic, 999 and 100 of them.
set.seed(20240607)
rows <- data.frame(set = character(), name = character(), value = character())
keep <- function(set, name, value) {
  rows <<- rbind(rows, data.frame(set = set, name = name, value = number(as.numeric(value))))
}
sample <- signif(rexp(25), 6)
for (size in c(999, 100)) {
  set <- paste0("b", size)
  b <- boot(sample, function(x, i) mean(x[i])^2, R = size)
  jack <- vapply(seq_along(sample), function(i) mean(sample[-i])^2, 0)
  keep(set, "replicate", b$t[, 1]); keep(set, "jackknife", jack); keep(set, "estimate", b$t0)
  for (level in c(0.8, 0.9, 0.95)) {
    ci <- boot.ci(b, conf = level, type = c("perc", "basic", "bca"), L = mean(jack) - jack)
    keep(set, paste0("percentile_", level), ci$percent[4:5])
    keep(set, paste0("basic_", level), ci$basic[4:5])
    keep(set, paste0("bca_", level), ci$bca[4:5])
  }
}
# The case bootstrap of a regression: standard errors and percentile ends of 20000 replicates.
frame <- data[complete.cases(data[, c("memory_bytes", "bandwidth_bytes_per_s", "total_time_s")]), ]
formula <- log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s)
b <- boot(frame, function(d, i) coef(lm(formula, d[i, ])), R = 20000)
for (k in 1:2) {
  keep(paste0("cases", k), "std_error", sd(b$t[, k]))
  keep(paste0("cases", k), "percentile_0.9", quantile(b$t[, k], c(0.05, 0.95), type = 6))
}
write.csv(rows, "../Fixtures/validation/bootstrap.csv", row.names = FALSE, quote = 1:2, eol = "\n")
