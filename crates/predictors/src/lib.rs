//! Predictors that run without Python: trees and linear models, read once at registration.
