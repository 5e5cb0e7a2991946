% Reference values for Tests/QueueingModelsTests/OctaveTests.swift, by Octave's package queueing.
% Run: octave --no-gui Tests/Reference/queueing.m > Tests/Fixtures/queueing/octave.csv
% (Debian: octave octave-queueing). A value that is not finite, or an error, is written as such:
% Documentation/Queues.md lists these places.
pkg load queueing
warning('off', 'all');
function show(name, lambda, mu, c, K, output, value)
  printf('%s,%.17g,%.17g,%d,%d,%s,%.17g\n', name, lambda, mu, c, K, output, value);
end
function run(name, lambda, mu, c, K)
  try
    switch name
      case 'erlangb'
        show(name, lambda, mu, c, K, 'blocking', erlangb(lambda / mu, c));
      case 'erlangc'
        show(name, lambda, mu, c, K, 'waiting', erlangc(lambda / mu, c));
      case 'engset'
        show(name, lambda, mu, c, K, 'blocking', engset(lambda / mu, c, K));
      case 'qsmmm'
        [U, R, Q, X] = qsmmm(lambda, mu, c);
        show(name, lambda, mu, c, K, 'utilization', U);
        show(name, lambda, mu, c, K, 'response', R);
        show(name, lambda, mu, c, K, 'number', Q);
      case 'qsmmmk'
        [U, R, Q, X, p0, pK] = qsmmmk(lambda, mu, c, K);
        show(name, lambda, mu, c, K, 'utilization', U);
        show(name, lambda, mu, c, K, 'response', R);
        show(name, lambda, mu, c, K, 'number', Q);
        show(name, lambda, mu, c, K, 'throughput', X);
        show(name, lambda, mu, c, K, 'blocking', pK);
      case 'qsmminf'
        [U, R, Q, X, p0] = qsmminf(lambda, mu);
        show(name, lambda, mu, c, K, 'number', Q);
        show(name, lambda, mu, c, K, 'empty', p0);
      case 'qsmg1'
        [U, R, Q, X, p0] = qsmg1(lambda, 1 / mu, 2 / mu ^ 2 * 0.7);
        show(name, lambda, mu, c, K, 'response', R);
        show(name, lambda, mu, c, K, 'number', Q);
      case 'qsammm'
        [U, R, Q, X] = qsammm(lambda, mu * ones(1, c));
        show(name, lambda, mu, c, K, 'number', Q);
    end
  catch failure
    text = strrep(strtok(failure.message, "\n"), ',', ';');
    printf('%s,%.17g,%.17g,%d,%d,error: %s,\n', name, lambda, mu, c, K, text);
  end
end
printf('function,lambda,mu,c,K,output,value\n');
for c = [1 2 3 10 30 100 170 171 200 1000 10000]
  for rho = [1e-3 0.1 0.5 0.9 0.99 0.999 1.001 1.5 10]
    for mu = [1 0.025]
      lambda = rho * c * mu;
      run('erlangb', lambda, mu, c, c);
      if rho < 1
        run('erlangc', lambda, mu, c, c);
        run('qsmmm', lambda, mu, c, c);
      end
      if c <= 200
        for room = [0 1 20]
          run('qsmmmk', lambda, mu, c, c + room);
        end
        run('engset', lambda / (3 * c), mu, c, 3 * c);
      end
    end
  end
end
run('qsmmmk', 99000, 1, 100000, 100000);
run('qsmmmk', 0.5, 1, 1, 100000);
for lambda = [0.1 0.5 0.9 0.99]
  run('qsmg1', lambda, 1, 1, 0);
end
for lambda = [1e-3 1 30 700 800]
  run('qsmminf', lambda, 1, 0, 0);
end
