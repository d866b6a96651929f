//! One operation a file; this is their table.

crate::operation::operations! {
    describe_log_groups::DescribeLogGroups,
    describe_log_streams::DescribeLogStreams,
    filter_log_events::FilterLogEvents,
    get_log_events::GetLogEvents,
}
