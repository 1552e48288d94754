# The sum of squares that R's nnet ends with, start by start. The file is written by peers.c.
suppressMessages(library(nnet))
numbers <- scan(commandArgs(TRUE)[1], quiet = TRUE)
cases <- numbers[1]; inputs <- numbers[2]; units <- numbers[3]; starts <- numbers[4]
values <- matrix(numbers[5:(4 + cases * (inputs + 1))], cases, byrow = TRUE)
weights <- matrix(numbers[-(1:(4 + cases * (inputs + 1)))], starts, byrow = TRUE)
for (i in seq_len(starts)) {
  net <- nnet(values[, seq_len(inputs), drop = FALSE], values[, inputs + 1], size = units, Wts = weights[i, ],
              linout = TRUE, maxit = 5000, reltol = 1e-10, abstol = 0, trace = FALSE)
  cat(sprintf("%.10g\n", net$value))
}
