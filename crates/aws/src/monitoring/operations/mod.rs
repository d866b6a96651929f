//! One operation a file; this is their table.

crate::operation::operations! {
    delete_alarms::DeleteAlarms,
    describe_alarm_history::DescribeAlarmHistory,
    describe_alarms::DescribeAlarms,
    describe_alarms_for_metric::DescribeAlarmsForMetric,
    disable_alarm_actions::DisableAlarmActions,
    enable_alarm_actions::EnableAlarmActions,
    get_metric_data::GetMetricData,
    get_metric_statistics::GetMetricStatistics,
    list_metrics::ListMetrics,
    put_metric_alarm::PutMetricAlarm,
    put_metric_data::PutMetricData,
    set_alarm_state::SetAlarmState,
}
