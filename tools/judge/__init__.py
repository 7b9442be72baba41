"""Fitting the embedded judge: data, models, cross-validation. Needs scikit-learn; nothing here ships."""
