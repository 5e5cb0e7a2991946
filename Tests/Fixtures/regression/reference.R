# Writes the reference values beside this file: Rscript reference.R (R 4.2.2, no packages).
# Text sorts by its bytes, as in Cutover.
invisible(Sys.setlocale("LC_COLLATE", "C"))
set.seed(20240607)
number <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write <- function(frame, name) {
  for (i in seq_along(frame)) if (is.numeric(frame[[i]])) frame[[i]] <- number(frame[[i]])
  frame[is.na(frame)] <- ""
  write.csv(frame, name, row.names = FALSE, quote = which(vapply(frame, function(x) any(grepl("[, ]", x)), TRUE)), eol = "\n")
}

n <- 48
data <- data.frame(
  technique = rep(c("precopy", "postcopy", "hybrid"), length.out = n),
  workload = rep(c("idle", "idle", "uniform", "hotcold"), each = 3, length.out = n),
  vcpus = rep(c(1, 2, 4, 8, 16), length.out = n),
  memory_bytes = round(2^runif(n, 30, 36)),
  bandwidth_bytes_per_s = round(runif(n, 1e8, 1.25e9)),
  dirty_rate_bytes_per_s = round(runif(n, 0, 9e7)),
  w = rep(c(1, 2, 3, 0, 1), length.out = n),
  stringsAsFactors = FALSE)
data$total_time_s <- signif(with(data,
  1.2 * (memory_bytes / bandwidth_bytes_per_s)^0.95 *
  exp(dirty_rate_bytes_per_s / 1e8 * ifelse(technique == "precopy", 0.8, 0.1) + rnorm(n, 0, 0.15))), 8)
data$dirty_rate_bytes_per_s[7] <- NA
data$technique[12] <- NA
data$total_time_s[30] <- NA
write(data, "data.csv")

designs <- c(
  "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s:technique",
  "total_time_s ~ technique", "total_time_s ~ 0 + technique", "total_time_s ~ technique * workload",
  "total_time_s ~ technique:workload", "total_time_s ~ technique + technique:workload",
  "total_time_s ~ 0 + technique + workload", "total_time_s ~ vcpus + technique:vcpus",
  "total_time_s ~ workload + technique:vcpus - 1", "total_time_s ~ 0 + vcpus + technique:vcpus + workload",
  "total_time_s ~ (technique + workload + vcpus)^2", "total_time_s ~ technique * workload * vcpus",
  "total_time_s ~ (technique + vcpus)^2 - technique", "total_time_s ~ technique * workload - workload",
  "total_time_s ~ C(vcpus) + workload", "total_time_s ~ C(vcpus):technique + C(vcpus)",
  "total_time_s ~ poly(vcpus, 2)", "total_time_s ~ poly(memory_bytes, 3):technique",
  "total_time_s ~ poly(log(memory_bytes), 1) + poly(vcpus, 4)", "total_time_s ~ I(vcpus^2) + vcpus:technique",
  "total_time_s ~ I(memory_bytes/bandwidth_bytes_per_s * vcpus) + sqrt(vcpus) + log2(vcpus)",
  "total_time_s ~ log10(vcpus) + log1p(vcpus) + exp(-vcpus) + abs(-vcpus)",
  "total_time_s ~ technique:workload:vcpus", "total_time_s ~ workload:technique + vcpus + technique",
  "total_time_s ~ workload:technique + workload + technique", "total_time_s ~ 1",
  "total_time_s ~ vcpus:workload + workload:technique - 1", "total_time_s ~ vcpus + (technique + workload):vcpus",
  "total_time_s ~ technique:workload + workload:vcpus + technique:vcpus:workload")
# What Cutover writes C(x), R writes factor(x).
parsed <- function(text) as.formula(gsub("C(", "factor(", text, fixed = TRUE))
named <- function(names) gsub("factor(", "C(", names, fixed = TRUE)
# R builds poly( ) from all rows, before it drops the incomplete ones; Cutover from those it uses.
complete <- function(text, data) data[complete.cases(data[all.vars(parsed(text))]), ]
rows <- lapply(designs, function(text) {
  frame <- model.frame(parsed(text), complete(text, data))
  matrix <- model.matrix(parsed(text), frame)
  # Four rows are enough to tell the columns apart, and keep the file small.
  keep <- c(1, 2, 5, 14, 23, 41)
  data.frame(formula = text, column = rep(named(colnames(matrix)), each = length(keep)),
             position = rep(seq_len(ncol(matrix)), each = length(keep)),
             row = rep(as.integer(rownames(matrix))[keep], ncol(matrix)),
             value = as.vector(matrix[keep, ]))
})
write(do.call(rbind, rows), "model_matrix.csv")

fits <- list(
  list("log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s:technique", FALSE),
  list("log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + technique", TRUE),
  list("total_time_s ~ 0 + vcpus + I(memory_bytes/bandwidth_bytes_per_s)", FALSE),
  list("total_time_s ~ technique * workload + poly(vcpus, 3)", TRUE),
  list("sqrt(total_time_s) ~ vcpus + I(2 * vcpus) + technique + memory_bytes", FALSE),
  list("log10(total_time_s) ~ log10(memory_bytes) + log10(bandwidth_bytes_per_s) + C(vcpus)", FALSE))
out <- list()
add <- function(...) out[[length(out) + 1]] <<- data.frame(...)
for (fit in fits) {
  text <- fit[[1]]
  weighted <- fit[[2]]
  # R counts rows of weight 0 among the fitted ones in places; leaving them out is the plain way.
  used <- complete(text, if (weighted) data[data$w > 0, ] else data)
  model <- if (weighted) lm(parsed(text), used, weights = w) else lm(parsed(text), used)
  s <- summary(model)
  case <- paste0(text, if (weighted) " | w" else "")
  put <- function(kind, term, name, value) add(case = case, kind = kind, term = named(term), name = name, value = value)
  coefficients <- s$coefficients
  interval <- confint(model)
  for (term in names(coef(model))) {
    there <- term %in% rownames(coefficients)
    put("tidy", term, "estimate", coef(model)[[term]])
    put("tidy", term, "std_error", if (there) coefficients[term, 2] else NA)
    put("tidy", term, "statistic", if (there) coefficients[term, 3] else NA)
    put("tidy", term, "p_value", if (there) coefficients[term, 4] else NA)
    put("tidy", term, "conf_low", if (there) interval[term, 1] else NA)
    put("tidy", term, "conf_high", if (there) interval[term, 2] else NA)
  }
  f <- s$fstatistic
  back <- if (grepl("^log10", text)) function(x) 10^x else if (grepl("^log", text)) exp else identity
  wts <- if (weighted) weights(model) else rep(1, nobs(model))
  smear <- sum(wts * back(residuals(model))) / sum(wts)
  logged <- grepl("^log", text)
  observed <- back(fitted(model) + residuals(model))
  predicted <- back(fitted(model)) * if (logged) smear else 1
  glance <- c(nobs = nobs(model), rank = model$rank, df_residual = df.residual(model), sigma = s$sigma,
    r_squared = s$r.squared, adj_r_squared = s$adj.r.squared, f_statistic = f[[1]],
    f_p_value = pf(f[[1]], f[[2]], f[[3]], lower.tail = FALSE),
    rmse = sqrt(mean((predicted - observed)^2)), mae = mean(abs(predicted - observed)),
    mdape = median(abs(predicted - observed) / observed),
    log_likelihood = as.numeric(logLik(model)), aic = AIC(model), bic = BIC(model),
    smearing = if (logged) smear else 1)
  for (name in names(glance)) put("glance", "", name, glance[[name]])
  for (i in c(1, 2, 9, 25, 30)) {
    row <- names(residuals(model))[i]
    put("augment", row, ".fitted", fitted(model)[[i]])
    put("augment", row, ".resid", residuals(model)[[i]])
    put("augment", row, ".hat", hatvalues(model)[[i]])
    put("augment", row, ".std_resid", rstandard(model)[[i]])
    put("augment", row, ".cooks_d", cooks.distance(model)[[i]])
    new <- used[row, ]
    for (kind in c("confidence", "prediction")) {
      p <- suppressWarnings(predict(model, new, interval = kind, level = 0.9, weights = 1))
      put(kind, row, "fit", p[[1]])
      put(kind, row, "lower", p[[2]])
      put(kind, row, "upper", p[[3]])
    }
  }
}
write(do.call(rbind, out), "fits.csv")
