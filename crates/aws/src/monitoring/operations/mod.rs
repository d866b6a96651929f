//! One operation a file; this is their table.

crate::operation::operations! {
    get_metric_data::GetMetricData,
    get_metric_statistics::GetMetricStatistics,
    list_metrics::ListMetrics,
    put_metric_data::PutMetricData,
}
