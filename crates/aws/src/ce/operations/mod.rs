//! One operation a file; this is their table.

crate::operation::operations! {
    get_cost_and_usage::GetCostAndUsage,
    get_cost_forecast::GetCostForecast,
    get_dimension_values::GetDimensionValues,
    get_tags::GetTags,
}
