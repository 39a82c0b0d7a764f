-- Before a lived year is written down: nothing of the machine on which it was lived.
DELETE FROM ir_config_parameter
 WHERE key IN ('database.secret', 'database.uuid', 'database.create_date',
               'database.enterprise_code', 'web.base.url', 'web.base.url.freeze',
               'report.url')
    OR key ~ '(secret|token|password|private_key|vapid|api_key)';
UPDATE res_users SET password = NULL;
UPDATE sale_order SET access_token = NULL WHERE access_token IS NOT NULL;
UPDATE account_move SET access_token = NULL WHERE access_token IS NOT NULL;
UPDATE res_partner SET signup_type = NULL WHERE signup_type IS NOT NULL;
DELETE FROM mail_mail;
UPDATE mail_message SET message_id = regexp_replace(message_id, '@[^@>]+>', '@demo.example>')
 WHERE message_id IS NOT NULL;
UPDATE mailing_trace SET message_id = regexp_replace(message_id, '@[^@>]+>', '@demo.example>')
 WHERE message_id IS NOT NULL;
DELETE FROM sms_sms;
DELETE FROM iap_account;
-- Asset bundles are made again when somebody looks.
DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%';
