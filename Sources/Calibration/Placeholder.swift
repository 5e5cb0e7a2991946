enum CalibrationPlaceholder {}
