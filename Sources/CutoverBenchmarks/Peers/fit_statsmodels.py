"""The usual way: pandas reads, statsmodels fits."""
import sys

import pandas as pd
import statsmodels.api as sm

frame = pd.read_csv(sys.argv[1])
fit = sm.OLS(frame["y"], sm.add_constant(frame.drop(columns="y"))).fit()
print(fit.summary().tables[1])
