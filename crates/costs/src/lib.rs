//! Every cent known: the ledger, its analysis, budgets, forecasts and advice.
