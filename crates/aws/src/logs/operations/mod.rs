//! One operation a file; this is their table.

crate::operation::operations! {
    create_log_group::CreateLogGroup,
    create_log_stream::CreateLogStream,
    delete_log_group::DeleteLogGroup,
    delete_log_stream::DeleteLogStream,
    delete_retention_policy::DeleteRetentionPolicy,
    describe_log_groups::DescribeLogGroups,
    describe_log_streams::DescribeLogStreams,
    filter_log_events::FilterLogEvents,
    get_log_events::GetLogEvents,
    list_tags_for_resource::ListTagsForResource,
    list_tags_log_group::ListTagsLogGroup,
    put_log_events::PutLogEvents,
    put_retention_policy::PutRetentionPolicy,
    tag_resource::TagResource,
    untag_resource::UntagResource,
}
