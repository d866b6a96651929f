//! smoke
use contracts::store::*;
use contracts::world::*;
use domain::{Timestamp, Workspace};
use std::sync::Arc;
struct C;
impl Clock for C { fn now(&self)->Timestamp{Timestamp(5)} }
impl Entropy for C { fn fill(&self,b:&mut [u8]){b.fill(1)} }
#[tokio::test(flavor="multi_thread")]
async fn smoke(){
 let w=World{clock:Arc::new(C),entropy:Arc::new(C)};
 let d=tempfile::tempdir().unwrap();
 let s=tradewind_store::Store::open_file(&d.path().join("a b.db"),&w).await.unwrap();
 let ws=Workspace::default();
 let key=Key::new("job",&ws,"x");
 let row=NewRow{key:key.clone(),parent:None,phase:"p".into(),labels:[("a".to_string(),"b".to_string())].into(),due:Some(Timestamp(1)),body:serde_json::json!({"a":0.1})};
 let c=Commit{now:Timestamp(3),expect:vec![Expect::Absent(key.clone())],put:vec![row.clone()],events:vec![NewEvent{key:key.clone(),action:"made".into(),actor:domain::audit::Actor::System,detail:serde_json::json!({})}],..Default::default()};
 assert_eq!(s.commit(c.clone()).await.unwrap(),1);
 assert!(matches!(s.commit(c).await,Err(StoreError::Stale(_))));
 assert_eq!(s.get(&key).await.unwrap().unwrap().row,row);
 let q=Query{kind:"job".into(),labels:row.labels.clone(),..Default::default()};
 assert_eq!(s.list(&q).await.unwrap().rows.len(),1);
 let cl=Claim{kinds:vec!["job".into()],ids:vec![],owner:"o".into(),now:Timestamp(9),lease:domain::Span(10),limit:5};
 assert_eq!(s.claim(&cl).await.unwrap().len(),1);
 assert_eq!(s.claim(&cl).await.unwrap().len(),0);
 s.release(&key,"o",Some(Timestamp(2))).await.unwrap();
 assert_eq!(s.claim(&cl).await.unwrap().len(),1);
 assert_eq!(s.changes(0,10).await.unwrap().len(),1);
 s.changed_since(0).await;
}
